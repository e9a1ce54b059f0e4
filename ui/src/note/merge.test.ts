import { describe, expect, it } from "vitest";
import { merge, span } from "./merge";

describe("merging two people's changes", () => {
  it("keeps what both put in", () => {
    expect(merge("Nøglen får han.", "Nøglen får han fredag.", "I går: Nøglen får han.").text).toBe("I går: Nøglen får han fredag.");
  });

  it("keeps their words when I delete around them", () => {
    expect(merge("en to tre fire", "en fire", "en to og tre fire").text).toBe("en og fire");
  });

  it("removes what either removed", () => {
    expect(merge("abc def ghi", "abc ghi", "abc def").text.trim()).toBe("abc");
  });

  it("is the other text when I changed nothing, and mine when they changed nothing", () => {
    expect(merge("a b c", "a b c", "a x c").text).toBe("a x c");
    expect(merge("a b c", "a y c", "a b c").text).toBe("a y c");
  });

  it("never splits a fox", () => {
    const merged = merge("🦊", "🦊🦊", "🐻🦊").text;
    expect([...merged].every((c) => c === "🦊" || c === "🐻")).toBe(true);
    expect(merged).toContain("🐻");
  });

  it("loses no inserted word, whatever the order", () => {
    const base = "Han har talt med sin bror. De spiser sammen på søndag.";
    for (let at = 0; at <= base.length; at += 3) {
      const mine = `${base.slice(0, at)}MIT${base.slice(at)}`;
      for (let other = 0; other <= base.length; other += 4) {
        const theirs = `${base.slice(0, other)}DERES${base.slice(other)}`;
        const { text } = merge(base, mine, theirs);
        expect(text.includes("MIT") && text.includes("DERES")).toBe(true);
        expect(text.length).toBe(base.length + 8);
      }
    }
  });
});

describe("the caret", () => {
  it("moves along when words come in before it", () => {
    const { text, place } = merge("to tre", "to tre", "en to tre");
    expect(text.slice(0, place(2))).toBe("en to");
  });

  it("stays when words come in after it, or just behind it", () => {
    expect(merge("en to", "en to", "en to tre").place(2)).toBe(2);
    expect(merge("en to", "en to", "en to\n\nmere").place(5)).toBe(5);
  });

  it("stands at the gap when the word around it is gone", () => {
    expect(merge("en to tre", "en to tre", "en tre").place(4)).toBe(3);
  });

  it("is kept inside the text", () => {
    const { text, place } = merge("abc", "abc", "");
    expect(place(99)).toBe(text.length);
    expect(place(0)).toBe(0);
  });
});

it("cuts a span the way Rust counts", () => {
  expect(span("🦊 siger hej", 2, 7)).toBe("siger");
});
