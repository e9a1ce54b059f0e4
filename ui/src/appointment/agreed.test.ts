// An appointment without a keyboard: which hour is proposed, how it moves, and what is missing before it can be saved.
import { expect, it, vi } from "vitest";
import type { AppointmentView } from "../host/bindings";
import type { Host } from "../host/host";
import { NewAppointment, OldAppointment, quarterOf, timeOf } from "./agreed.svelte";

const NOW = new Date(2026, 10, 24, 12, 4).getTime();
const person = { id: "c1", alias: "Falken" };
const done = { id: "a1", undo: "u1" };

function world(last: number | null, place: string | null) {
  return {
    cases: vi.fn(async () => [{ id: "c1", last_contact_at: last }]),
    meetingDefaults: vi.fn(async () => ({ place })),
    addAppointment: vi.fn(async () => done),
    moveAppointment: vi.fn(async () => done),
    settleAppointment: vi.fn(async () => done),
    removeAppointment: vi.fn(async () => done),
  };
}
const asHost = (host: ReturnType<typeof world>) => host as unknown as Host;

it("counts in quarters of an hour, also over midnight", () => {
  expect(quarterOf(new Date(2026, 10, 20, 16, 8).getTime())).toBe(16 * 60 + 15);
  expect(quarterOf(new Date(2026, 10, 20, 23, 55).getTime())).toBe(0);
  expect(timeOf("2026-11-25", 14 * 60 + 30)).toBe(new Date(2026, 10, 25, 14, 30).getTime());
});

it("proposes the hour and the place of the last time, and needs only a day", async () => {
  const host = world(new Date(2026, 10, 20, 16, 8).getTime(), "Biblioteket");
  const made = new NewAppointment(asHost(host), person, () => NOW);
  await made.open(person);
  expect(await made.save()).toBeNull();
  expect(made.dayMissing).toBe(true);
  made.day = "2026-11-25";
  expect(await made.save()).toEqual(done);
  expect(host.addAppointment).toHaveBeenCalledExactlyOnceWith("c1", "meeting", new Date(2026, 10, 25, 16, 15).getTime(), null, "Biblioteket");
});

it("proposes noon and no place where they have never met, and asks who it is with", async () => {
  const host = world(null, null);
  const made = new NewAppointment(asHost(host), null, () => NOW);
  made.stepDay(1);
  expect(await made.save()).toBeNull();
  expect(made.personMissing).toBe(true);
  await made.open(person);
  made.stepTime(-1);
  await made.save();
  expect(host.addAppointment).toHaveBeenCalledExactlyOnceWith("c1", "meeting", new Date(2026, 10, 25, 11, 45).getTime(), null, null);
});

it("keeps what was chosen when it cannot be saved, and saves no second time meanwhile", async () => {
  const host = world(null, null);
  host.addAppointment.mockRejectedValueOnce({ code: "vault.full", wait_s: null });
  const made = new NewAppointment(asHost(host), person, () => NOW);
  made.day = "2026-11-25";
  expect(await made.save()).toBeNull();
  expect([made.error?.code, made.day]).toEqual(["vault.full", "2026-11-25"]);
  const [first, second] = await Promise.all([made.save(), made.save()]);
  expect([first, second]).toEqual([done, null]);
});

it("moves by days and quarters, and is not moved by being looked at", async () => {
  const at = new Date(2026, 10, 26, 14, 0).getTime();
  const stands: AppointmentView = { id: "a1", case: "c1", alias: "Falken", meeting: "phone", at, minutes: 10, label: null, two_times: false, asked: false };
  const host = world(null, null);
  const old = new OldAppointment(asHost(host), stands);
  expect(old.moved).toBe(false);
  old.stepDay(7);
  old.stepTime(2);
  expect(old.moved).toBe(true);
  await old.move();
  expect(host.moveAppointment).toHaveBeenCalledExactlyOnceWith("c1", "a1", new Date(2026, 11, 3, 14, 30).getTime());
});
