import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Host } from "../host/host";
import { Logging } from "./log.svelte";

const NOON = new Date(2026, 10, 24, 13, 4).getTime();
const at = (h: number, m: number) => new Date(2026, 10, 24, h, m).getTime();

beforeEach(() => void vi.useFakeTimers({ now: NOON }));
afterEach(() => void vi.useRealTimers());

async function begun() {
  const logMeeting = vi.fn(async () => ({ id: "m1", undo: "u1" }));
  const host = {
    meetingDefaults: async () => ({ at: at(12, 0), minutes: 60, place: "Biblioteket", minutes_by_kind: [{ kind: "phone", minutes: 15 }, { kind: "message", minutes: 0 }] }),
    logMeeting,
  } as unknown as Host;
  const log = new Logging(host, "c1");
  await log.open();
  return { log, logMeeting };
}

it("saves a plain meeting with what was shown", async () => {
  const { log, logMeeting } = await begun();
  await log.save();
  expect(logMeeting).toHaveBeenCalledWith("c1", "meeting", at(12, 0), 60, "Biblioteket");
});

it("a shorter kind ends when the default ended", async () => {
  const { log } = await begun();
  log.kind = "phone";
  expect([log.at, log.minutes]).toEqual([at(12, 45), 15]);
});

it("can be moved without a keyboard, but not into the future", async () => {
  const { log } = await begun();
  log.moveDay(-1);
  log.moveStart(-2);
  log.moveLength(3);
  log.togglePlace();
  expect([log.at, log.minutes, log.place]).toEqual([new Date(2026, 10, 23, 11, 50).getTime(), 75, null]);
  for (let i = 0; i < 1000; i++) log.moveStart(1);
  expect(log.at).toBeLessThanOrEqual(NOON);
});

it("does not save twice on two quick taps", async () => {
  const { log, logMeeting } = await begun();
  await Promise.all([log.save(), log.save()]);
  expect(logMeeting).toHaveBeenCalledTimes(1);
});

it("saves without the defaults when they cannot be read", async () => {
  const logMeeting = vi.fn(async () => ({ id: "m1", undo: "u1" }));
  const log = new Logging({ meetingDefaults: async () => Promise.reject({ code: "app.unknown" }), logMeeting } as unknown as Host, "c1");
  await log.open();
  await log.save();
  expect(logMeeting).toHaveBeenCalledWith("c1", "meeting", null, null, null);
});
