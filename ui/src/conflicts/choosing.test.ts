import { SvelteMap } from "svelte/reactivity";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ConflictCard } from "../host/bindings";
import type { Host } from "../host/host";
import { Choosing, forgetChoices, inOrder, kindOf, PAGE, UNDOABLE } from "./choosing.svelte";

const card = (n: number, at = n): ConflictCard => ({
  id: `x${String(n).padStart(3, "0")}`, case: `c${n}`, alias: `Alias ${n}`, field: `task.t${n}.due`, applies: "2026-11-26", rule: "earliest_due",
  values: [{ value: "2026-11-26", who: "Åse", at, device: "telefon" }, { value: "2026-12-07", who: "Mikkel", at: at - 1, device: "bord-pc" }],
});

function world(cards: ConflictCard[], also: Partial<Host> = {}) {
  const box = new SvelteMap([["list", cards]]);
  const list = () => box.get("list") ?? [];
  let now = 1_000_000;
  const host = {
    resolve: vi.fn(async (_case: string, id: string) => {
      box.set("list", list().filter((c) => c.id !== id));
      return { id, undo: `u-${id}` };
    }),
    undo: vi.fn(async () => undefined),
    ...also,
  };
  const choosing = new Choosing(host as never, list, null, () => now);
  return { host, choosing, put: (next: ConflictCard[]) => box.set("list", next), later: (ms: number) => (now += ms), again: () => new Choosing(host as never, list, null, () => now) };
}

beforeEach(forgetChoices);

describe("the list of what was written in more than one way", () => {
  it("stands with the one that has waited longest first, in the same order on every device", () => {
    const cards = [card(3), card(1), card(2, 1)];
    expect(inOrder(cards).map((c) => c.id)).toEqual(["x001", "x002", "x003"]);
    expect(inOrder(cards.toReversed()).map((c) => c.id)).toEqual(["x001", "x002", "x003"]);
  });

  it("never shows more than fifty at a time, and walks over the edge of a page", () => {
    const { choosing } = world(Array.from({ length: 73 }, (_, n) => card(n + 1)));
    expect([choosing.all, choosing.pages, choosing.shown.length]).toEqual([73, 2, PAGE]);
    for (let i = 0; i < PAGE; i++) choosing.step(1);
    expect([choosing.page, choosing.at, choosing.shown.length]).toEqual([1, 50, 23]);
    choosing.step(-1);
    expect(choosing.page).toBe(0);
    choosing.toPage(9);
    expect(choosing.at).toBe(50);
  });

  it("begins with the case one came from, and with the first when that has none", () => {
    const list = [card(1), card(2), card(3)];
    expect(new Choosing({} as never, () => list, "c2").current?.id).toBe("x002");
    expect(new Choosing({} as never, () => list, "c9").current?.id).toBe("x001");
  });

  it("knows what a field is about by its last word", () => {
    expect(["profile.alias", "offer.therapy.status", "task.ab.due", "stage"].map(kindOf)).toEqual(["alias", "status", "due", "stage"]);
  });
});

describe("a choice", () => {
  it("stays in sight where it stood until one goes on", async () => {
    const { choosing, host } = world([card(1), card(2), card(3)]);
    choosing.step(1);
    const second = choosing.current;
    if (!second) throw new Error("no card");
    await choosing.choose(second, 2);
    expect(host.resolve).toHaveBeenCalledExactlyOnceWith("c2", "x002", "2026-12-07");
    expect([choosing.current?.id, choosing.at, choosing.all]).toEqual(["x002", 1, 3]);
    expect(choosing.toldOf(second)?.value).toBe("2026-12-07");
    await choosing.choose(second, 1);
    expect(host.resolve).toHaveBeenCalledTimes(1);
    choosing.next();
    expect([choosing.current?.id, choosing.at, choosing.all]).toEqual(["x003", 1, 2]);
  });

  it("of a value that is not there does nothing", async () => {
    const { choosing, host } = world([card(1)]);
    await choosing.choose(card(1), 3);
    expect(host.resolve).not.toHaveBeenCalled();
  });

  it("of the last one leaves nothing behind, and goes back to the one before when there is one", async () => {
    const alone = world([card(1)]);
    await alone.choosing.choose(card(1), 1);
    alone.choosing.next();
    expect(alone.choosing.current).toBeNull();
    const two = world([card(1), card(2)]);
    two.choosing.step(1);
    if (two.choosing.current) await two.choosing.choose(two.choosing.current, 1);
    two.choosing.next();
    expect(two.choosing.current?.id).toBe("x001");
  });

  it("that the host refuses is told and leaves the card open", async () => {
    const { choosing } = world([card(1)], { resolve: async () => Promise.reject({ code: "case.unknown_conflict", wait_s: null }) });
    await choosing.choose(card(1), 1);
    expect(choosing.error?.code).toBe("case.unknown_conflict");
    expect([choosing.isOpen(card(1)), choosing.busy, choosing.kept.length]).toEqual([true, false, 0]);
  });
});

describe("taking a choice back", () => {
  it("says so on the card, and offers no second choice while the question is off the list", async () => {
    const { choosing, host } = world([card(1), card(2)]);
    await choosing.choose(card(1), 2);
    await choosing.undo();
    expect(host.undo).toHaveBeenCalledExactlyOnceWith("u-x001");
    expect([choosing.told?.takenBack, choosing.current?.id, choosing.kept.length]).toEqual([true, "x001", 0]);
    expect(choosing.isOpen(card(1))).toBe(false);
  });

  it("shows the question open again when the device lists it again", async () => {
    const { choosing, put } = world([card(1), card(2)]);
    await choosing.choose(card(1), 2);
    put([{ ...card(1), id: "x900" }, card(2)]);
    await choosing.undo();
    const current = choosing.current;
    expect(current?.id).toBe("x900");
    if (current) expect([choosing.isOpen(current), choosing.toldOf(current)?.takenBack]).toEqual([true, true]);
  });

  it("works after the screen was left and after a lock, newest first, for a day", async () => {
    const before = world([card(1), card(2)]);
    await before.choosing.choose(card(1), 1);
    before.later(60_000);
    await before.choosing.choose(card(2), 1);
    const after = before.again();
    expect(after.kept.map((k) => k.undo)).toEqual(["u-x001", "u-x002"]);
    await after.undo();
    expect(before.host.undo).toHaveBeenLastCalledWith("u-x002");
    before.later(UNDOABLE);
    expect(before.again().kept).toEqual([]);
  });

  it("keeps the way back when it did not go, unless the device says it is gone", async () => {
    let code = "env.host_gone";
    const { choosing } = world([card(1)], { undo: async () => Promise.reject({ code, wait_s: null }) });
    await choosing.choose(card(1), 1);
    await choosing.undo();
    expect([choosing.error?.code, choosing.kept.length]).toEqual(["env.host_gone", 1]);
    code = "undo.gone";
    await choosing.undo();
    expect([choosing.error?.code, choosing.kept.length]).toEqual(["undo.gone", 0]);
  });
});

it("names of things are read once per case, the one in sight first", async () => {
  const caseView = vi.fn(async () => ({ tasks: [], offers: [] }) as never);
  const { choosing } = world([card(1), card(2), { ...card(3), case: "c1" }], { caseView });
  choosing.step(1);
  await choosing.name();
  await choosing.name();
  expect(caseView.mock.calls).toEqual([["c2"], ["c1"]]);
  expect([...choosing.names.keys()]).toEqual(["c2", "c1"]);
});
