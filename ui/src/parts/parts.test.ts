import { afterEach, describe, expect, it, vi } from "vitest";
import { countdown } from "./countdown";
import { marks, SHAPES, TINTS } from "./namesake";
import { PAGE, Pages } from "./pages.svelte";

afterEach(() => void vi.useRealTimers());

describe("two with the same alias", () => {
  const id = (n: number) => `case-${n}`;

  it("get different marks, and everybody else none", () => {
    const found = marks([{ id: "c1", alias: "Falken" }, { id: "c2", alias: "B." }, { id: "c3", alias: " falken" }]);
    expect([...found.keys()].toSorted()).toEqual(["c1", "c3"]);
    expect(found.get("c1")).not.toEqual(found.get("c3"));
  });

  it("keep their mark whatever else is there and in whatever order", () => {
    const [a, b] = [{ id: "c1", alias: "Falken" }, { id: "c3", alias: "Falken" }];
    const more = [{ id: "c9", alias: "Ø" }, b, { id: "c2", alias: "Ø" }, a];
    for (const one of [a, b]) expect(marks(more).get(one.id)).toEqual(marks([a, b]).get(one.id));
  });

  it("are told apart as long as there are marks left, and still have one when there are not", () => {
    const crowd = Array.from({ length: SHAPES.length * TINTS.length }, (_, n) => ({ id: id(n), alias: "Falken" }));
    const seen = new Set([...marks(crowd).values()].map((m) => `${m.shape}${m.tint}`));
    expect(seen.size).toBe(crowd.length);
    expect(marks([...crowd, { id: "one more", alias: "Falken" }]).size).toBe(crowd.length + 1);
  });
});

describe("pages of a long list", () => {
  const all = Array.from({ length: 120 }, (_, i) => i);

  it("begin with fifty and grow until everything is there", () => {
    const pages = new Pages();
    expect([pages.of(all).length, pages.left(120)]).toEqual([PAGE, { next: 50, left: 70 }]);
    pages.more();
    expect([pages.of(all).length, pages.left(120)]).toEqual([100, { next: 20, left: 20 }]);
    pages.more();
    expect([pages.of(all).length, pages.left(120)]).toEqual([120, { next: 0, left: 0 }]);
  });

  it("reach as far as what was asked for", () => {
    expect(new Pages(49).shown).toBe(50);
    expect(new Pages(50).shown).toBe(100);
    expect(new Pages(119).of(all)).toContain(119);
  });
});

it("a countdown stands still while it has focus, however often it is touched meanwhile", () => {
  vi.useFakeTimers();
  const end = vi.fn();
  const node = document.createElement("div");
  const button = node.appendChild(document.createElement("button"));
  document.body.append(node);
  const stop = countdown(10_000, end)(node);
  vi.advanceTimersByTime(2_000);
  button.focus();
  vi.advanceTimersByTime(60_000);
  node.dispatchEvent(new Event("pointerenter"));
  node.dispatchEvent(new Event("pointerleave"));
  vi.advanceTimersByTime(60_000);
  expect(end).not.toHaveBeenCalled();
  button.blur();
  vi.advanceTimersByTime(7_900);
  expect(end).not.toHaveBeenCalled();
  vi.advanceTimersByTime(200);
  expect(end).toHaveBeenCalledTimes(1);
  stop();
  node.remove();
});
