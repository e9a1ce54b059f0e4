import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Host } from "../host/host";
import { pretendWorld } from "../host/pretend";
import { Door, HOLD_MS, OPEN_MS } from "./door.svelte";

beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 10, 24, 13, 4) }));
afterEach(() => void vi.useRealTimers());

const ADDRESS = "Prøvevej 4, 2. th., 9999 Prøveby";
/** everything that somebody could find in the door's memory */
const within = (door: Door) => JSON.stringify([door.facts, door.seen, door.open, door.held, door.left, door.error, ...Object.values(door)]);

async function opened(role = "mentor", caseId = "c1") {
  const host: Host = pretendWorld({ phase: "unlocked", role });
  const closed = vi.spyOn(host, "closeStrongroom");
  const door = new Door(host, caseId);
  await host.openStrongroom("pin", "123456");
  await door.look("visit");
  return { host, door, closed };
}

describe("holding", () => {
  it("shows the address only while it lasts, and never in what stands there otherwise", async () => {
    const { door } = await opened();
    expect([door.open, door.seen, JSON.stringify(door.facts).includes("Prøvevej")]).toEqual([true, null, false]);
    door.press();
    expect(door.seen?.address).toBe(ADDRESS);
    expect(JSON.stringify(door.facts)).not.toContain("Prøvevej");
    door.release();
    expect([door.open, door.seen]).toEqual([true, null]);
    door.shut();
  });

  it("ends by itself after twenty seconds, and begins anew only with a new press", async () => {
    const { door } = await opened();
    door.press();
    await vi.advanceTimersByTimeAsync(HOLD_MS - 1);
    expect(door.held).toBe(true);
    door.press();
    await vi.advanceTimersByTimeAsync(1);
    expect([door.held, door.open]).toEqual([false, true]);
    door.press();
    expect(door.seen?.address).toBe(ADDRESS);
    door.shut();
  });

  it("shows nothing through a door that is shut", async () => {
    const { door } = await opened();
    door.shut();
    door.press();
    expect([door.held, door.seen]).toEqual([false, null]);
  });

  it("keeps what a coordinator sees of other versions behind the same hold", async () => {
    const { door } = await opened("coordinator");
    expect(door.facts?.before.map((v) => v.by)).toEqual(["Hanne", "Hanne"]);
    expect(JSON.stringify(door.facts)).not.toMatch(/Prøve|Øvelse/);
    door.press();
    expect(door.seen?.before[0]?.address).toBe("Øvelsesgade 11, 9998 Øveby");
    door.shut();
  });
});

describe("shutting", () => {
  it("comes after a minute, also while somebody holds, and leaves nothing", async () => {
    const { door, host, closed } = await opened();
    await vi.advanceTimersByTimeAsync(OPEN_MS - 15_000);
    expect(door.left).toBe(15);
    door.press();
    await vi.advanceTimersByTimeAsync(15_250);
    expect([door.open, door.held, closed.mock.calls.length]).toEqual([false, false, 1]);
    expect(within(door)).not.toMatch(/Prøve/);
    await expect(host.lookAtAddress("c1", "visit")).rejects.toMatchObject({ code: "address.locked" });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is asked of the device once, and not while nothing was open", async () => {
    const { door, closed } = await opened();
    door.shut();
    door.shut();
    door.leave();
    expect(closed).toHaveBeenCalledOnce();
    expect(within(door)).not.toMatch(/Prøve/);
  });

  it("comes before an answer that was on its way: what comes afterwards is not kept", async () => {
    const { door, host } = await opened();
    let answer = (_: never) => {};
    const shown = await host.lookAtAddress("c1", "visit");
    vi.spyOn(host, "lookAtAddress").mockReturnValue(new Promise((go) => (answer = go as never)));
    const looking = door.look("check");
    door.shut();
    answer(shown as never);
    await looking;
    expect([door.open, door.looking]).toEqual([false, false]);
    expect(within(door)).not.toMatch(/Prøve/);
  });

  it("goes on when the device is locked already", async () => {
    const { door, host } = await opened();
    vi.spyOn(host, "closeStrongroom").mockRejectedValue({ code: "vault.locked", wait_s: null });
    door.shut();
    await vi.advanceTimersByTimeAsync(0);
    expect(door.open).toBe(false);
  });
});

describe("what is not shown", () => {
  it("is said by its code, and the strongroom is shut again", async () => {
    const { door, closed } = await opened("mentor", "c3");
    expect([door.error?.code, door.open, door.looking, closed.mock.calls.length]).toEqual(["address.disputed", false, false, 1]);
    expect((await opened("mentor", "c5")).door.error?.code).toBe("address.not_released");
  });
});

describe("writing", () => {
  it("leaves the strongroom open for its minute so that it is sent, also when one goes on in the app", async () => {
    const { door, host, closed } = await opened("coordinator");
    await door.write(() => host.enterAddress("c1", "Prøvevej 8", "special", null, null));
    expect([door.open, closed.mock.calls.length]).toEqual([false, 0]);
    door.leave();
    expect(closed).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is over with the minute, and at once when the window is left", async () => {
    const { door, host, closed } = await opened("coordinator");
    await door.write(() => host.enterAddress("c1", "Prøvevej 8", "special", null, null));
    await vi.advanceTimersByTimeAsync(OPEN_MS + 250);
    expect(closed).toHaveBeenCalledOnce();
    await host.openStrongroom("pin", "123456");
    await door.write(() => host.enterAddress("c1", "Prøvevej 9", "special", null, null));
    door.shut();
    expect(closed).toHaveBeenCalledTimes(2);
  });

  it("stands on one of two that disagree, as it was entered", async () => {
    const { door, host } = await opened("coordinator", "c3");
    expect(door.facts?.disputed).toBe(true);
    await door.choose(1);
    await host.openStrongroom("pin", "123456");
    expect(await host.lookAtAddress("c3", "check")).toMatchObject({ address: "Prøvevej 21, 9999 Prøveby", protection: "special", disputed: false });
    door.shut();
  });

  it("that was refused shuts the door and says why to whoever asked", async () => {
    const { door, host, closed } = await opened("coordinator");
    await expect(door.write(() => host.enterAddress("c1", " ", "special", null, null))).rejects.toMatchObject({ code: "address.missing" });
    expect(closed).toHaveBeenCalledOnce();
    expect(door.open).toBe(false);
  });
});
