import { describe, expect, it, vi } from "vitest";
import { Choosing } from "./choosing.svelte";

function world(also: object = {}) {
  const host = { chooseDuress: vi.fn(async () => undefined), forgetDuress: vi.fn(async () => undefined), ...also };
  const done = vi.fn();
  return { host, done, choosing: new Choosing(host as never, done) };
}

const typed = (choosing: Choosing) => [choosing.first, choosing.second, choosing.again];

describe("choosing a duress code", () => {
  it("takes the tick, the code of now, and the other twice", async () => {
    const { host, done, choosing } = world();
    choosing.open("choose");
    Object.assign(choosing, { first: "koden", second: "en anden kode", again: "en anden kode" });
    await choosing.go();
    expect(host.chooseDuress, "not before it was understood").not.toHaveBeenCalled();
    choosing.understood = true;
    choosing.again = "en andn kode";
    await choosing.go();
    expect([choosing.differs, host.chooseDuress.mock.calls.length]).toEqual([true, 0]);
    choosing.again = "en anden kode";
    await choosing.go();
    expect([host.chooseDuress.mock.calls, done.mock.calls.length, choosing.asks, typed(choosing)]).toEqual([[["koden", "en anden kode"]], 1, null, ["", "", ""]]);
  });

  it("keeps nothing that was typed after a refusal or when it is closed", async () => {
    const { done, choosing } = world({ chooseDuress: vi.fn().mockRejectedValue({ code: "duress.same" }) });
    choosing.open("choose");
    Object.assign(choosing, { understood: true, first: "a", second: "b", again: "b" });
    await choosing.go();
    expect([choosing.error?.code, choosing.asks, typed(choosing), done.mock.calls.length]).toEqual(["duress.same", "choose", ["", "", ""], 0]);
    choosing.first = "a";
    choosing.close();
    expect([typed(choosing), choosing.understood, choosing.error]).toEqual([["", "", ""], false, null]);
  });

  it("is forgotten with the code of now alone", async () => {
    const { host, choosing } = world();
    choosing.open("forget");
    await choosing.go();
    expect(host.forgetDuress).not.toHaveBeenCalled();
    choosing.first = "koden";
    await choosing.go();
    expect([host.forgetDuress.mock.calls, choosing.asks]).toEqual([[["koden"]], null]);
  });
});
