import { describe, expect, it } from "vitest";
import { daOn } from "../words/da";
import { enOn } from "../words/en";
import { G_WAITS, GO, hints, Keys, SHORTCUTS, type Scene } from "./keys";

const open: Scene = { single: true, writing: false, covered: false, choosing: false };
const read = (key: string, scene: Partial<Scene> = {}) => new Keys().read(key, 0, { ...open, ...scene });

describe("the keyboard map", () => {
  it("hides the screen from everywhere, also from inside a field and under a sheet", () => {
    for (const scene of [{}, { writing: true }, { covered: true }, { single: false }, { choosing: true }]) expect(read("F9", scene)).toBe("hide");
  });

  it("never takes a single letter, digit or sign from a text field", () => {
    for (const key of ["/", "?", "g", "j", "k", "n", "l", "1", "2", "3", "u", "h"]) expect(read(key, { writing: true }), key).toBeNull();
    expect(read("Escape", { writing: true })).toBe("leave");
  });

  it("leaves single letters alone when they are turned off", () => {
    for (const key of ["/", "?", "j", "n", "l", "1"]) expect(read(key, { single: false }), key).toBeNull();
    expect(read("Escape", { single: false })).toBe("back");
  });

  it("leaves everything but F9 to what lies over the page", () => {
    for (const key of ["/", "Escape", "n", "1"]) expect(read(key, { covered: true }), key).toBeNull();
  });

  it("goes to a place with G and a letter, if the letter comes soon", () => {
    for (const [letter, place] of Object.entries(GO)) {
      const keys = new Keys();
      expect(keys.read("g", 0, open)).toBeNull();
      expect(keys.read(letter, G_WAITS, open)).toBe(`go:${place}`);
      expect(keys.read(letter, G_WAITS, open), "once").not.toBe(`go:${place}`);
    }
    const slow = new Keys();
    slow.read("g", 0, open);
    expect(slow.read("k", G_WAITS + 1, open)).toBe("previous");
  });

  it("an unknown letter after G does nothing, not what it does alone", () => {
    const keys = new Keys();
    keys.read("g", 0, open);
    expect(keys.read("n", 10, open)).toBeNull();
  });

  it("leaves digits, J, K, N and H to the screen where one chooses", () => {
    for (const key of ["1", "2", "j", "k", "n", "l", "u", "h"]) expect(read(key, { choosing: true }), key).toBeNull();
    expect(read("/", { choosing: true })).toBe("find");
  });
});

describe("what is told about keys", () => {
  it("has words for each in both languages", () => {
    for (const w of [daOn("computeren"), enOn("computer")]) for (const s of SHORTCUTS) expect(w.keyDoes(s.name), s.name).not.toBe("");
  });

  it("tells of no key that does nothing", () => {
    const does = (s: (typeof SHORTCUTS)[number]) => s.group === "conflicts" || s.group === "people" || s.always || s.keys.every((k) => k === "G" || GO[k.toLowerCase()] || read(k.toLowerCase()) !== null);
    expect(SHORTCUTS.filter((s) => !does(s))).toEqual([]);
  });

  it("hints only at keys that work now", () => {
    expect(hints("cases", false, true).map((s) => s.keys.join(""))).toEqual(["↓↑", "↵", "F9"]);
    expect(hints("cases", true, true).map((s) => s.name)).toEqual(["walk", "open", "note", "log", "panes", "hide", "keys"]);
    expect(hints("cases", true, false).map((s) => s.name)).toEqual(["walk", "open", "hide", "keys"]);
    expect(hints("people", true, false).map((s) => s.name)).toEqual(["enrol", "block", "sheet", "walk", "hide"]);
    expect(hints("conflicts", true, false).map((s) => s.name)).toEqual(["choose", "walk", "next", "undo", "history", "hide"]);
  });
});
