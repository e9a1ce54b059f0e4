import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pretendWorld, type Pretend } from "../host/pretend";
import { Session } from "./session.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function begun(host: Pretend, lockAfter: () => number = () => 60_000, flush = vi.fn(async () => true)) {
  const session = new Session(host, flush, lockAfter);
  await session.start();
  return { session, flush };
}

it("locks after the time that was chosen, also when it is changed under way", async () => {
  let after = 60_000;
  const { session } = await begun(pretendWorld({ phase: "unlocked" }), () => after);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(session.open).toBe(true);
  session.touched();
  after = 15_000;
  session.touched();
  await vi.advanceTimersByTimeAsync(14_000);
  expect(session.open).toBe(true);
  await vi.advanceTimersByTimeAsync(1_100);
  expect([session.open, session.state?.phase, session.lockedHere]).toEqual([false, "locked", true]);
});

it("a device that waits turns into the app by itself when it is told, and then locks like any other", async () => {
  const host = pretendWorld({ phase: "waiting" });
  const { session } = await begun(host);
  expect([session.open, session.inside, session.state?.request?.length]).toEqual([false, true, 64]);
  await vi.advanceTimersByTimeAsync(200_000);
  expect(session.state?.phase).toBe("waiting");
  host.admit();
  await vi.advanceTimersByTimeAsync(0);
  expect(session.open).toBe(true);
  await vi.advanceTimersByTimeAsync(61_000);
  expect(session.open).toBe(false);
});

it("a device that waits asks by itself when nobody tells it", async () => {
  const host = pretendWorld({ phase: "waiting" });
  const told = host.onChanged;
  host.onChanged = () => () => undefined;
  const { session } = await begun(host);
  host.onChanged = told;
  host.admit();
  await vi.advanceTimersByTimeAsync(5_100);
  expect(session.open).toBe(true);
});

it("a device that nobody comes back to locks while it waits, and says nothing of saved text", async () => {
  const host = pretendWorld({ phase: "waiting" });
  const { session } = await begun(host);
  await vi.advanceTimersByTimeAsync(301_000);
  expect([session.state?.phase, session.state?.request, session.lockedHere]).toEqual(["locked", null, false]);
  host.admit();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(session.open).toBe(false);
  await session.unlock("pin", "123456");
  expect(session.open).toBe(true);
});

it("unlocking a device that still waits shows the request again", async () => {
  const host = pretendWorld({ phase: "waiting" });
  const { session } = await begun(host);
  const request = session.state?.request;
  await session.lock();
  expect(session.state?.phase).toBe("locked");
  await session.unlock("pin", "123456");
  expect([session.state?.phase, session.state?.request]).toEqual(["waiting", request]);
});

it("an answer that was under way when it locked does not open it again", async () => {
  const host = pretendWorld({ phase: "unlocked" });
  const { session } = await begun(host);
  let late = (): void => undefined;
  const state = await host.appState();
  host.appState = () => new Promise((go) => (late = () => go(state)));
  void session.look();
  await session.lock();
  late();
  await vi.advanceTimersByTimeAsync(0);
  expect(session.open).toBe(false);
});

it("hears of an organisation that asks for a newer version without being opened anew", async () => {
  const host = pretendWorld({ phase: "unlocked" });
  const { session } = await begun(host);
  expect(session.state?.read_only).toBe(false);
  const state = await host.appState();
  host.appState = async () => ({ ...state, read_only: true });
  host.setSync("all_sent");
  await vi.advanceTimersByTimeAsync(0);
  expect(session.state?.read_only).toBe(true);
});

it("after the tenth wrong secret the page is that of a device nobody has used, and what was unwritten is dropped", async () => {
  const host = pretendWorld({ phase: "unlocked", tries: "9" });
  const emptied = vi.fn();
  const session = new Session(host, async () => false, () => 60_000, emptied);
  await session.start();
  await session.lock();
  expect([session.state?.phase, session.lockedHere]).toEqual(["locked", true]);
  await expect(session.unlock("pin", "000000")).rejects.toMatchObject({ code: "vault.wrong_secret" });
  expect([session.state?.phase, session.lockedHere, session.inside]).toEqual(["fresh", false, false]);
  expect(emptied).toHaveBeenCalledOnce();
});
