// The pretend host's appointments. ?agreed=1 (one to be answered for, three today, one of another day)
import type { AppointmentView, MeetingKind, TimelineEntry } from "./bindings";
import type { Host } from "./host";
import type { World } from "./pretend";
import { who, ME } from "./pretend-data";

type Part = Pick<Host, "addAppointment" | "moveAppointment" | "settleAppointment" | "removeAppointment">;

const HOUR = 3_600_000;
const MINUTES: Partial<Record<MeetingKind, number>> = { prison_visit: 90, phone: 10, meeting: 60, accompaniment: 60, activity: 60, other: 60 };

export type Diary = Part & { open(): AppointmentView[]; of(id: string): AppointmentView[] };

export function pretendAppointment(world: World): Diary {
  const start = world.now();
  const today = (hour: number, minute = 0) => new Date(start).setHours(hour, minute, 0, 0);
  const alias = (id: string) => world.find(id).alias;
  const one = (id: string, of: string, meeting: MeetingKind, at: number, label: string | null = null, more: Partial<AppointmentView> = {}): AppointmentView => ({ id, case: of, alias: alias(of), meeting, at, minutes: MINUTES[meeting] ?? 60, label, two_times: false, asked: false, ...more });
  let kept: AppointmentView[] = world.wishes.agreed
    ? [
        one("a1", "c3", "prison_visit", today(9, 30)), one("a2", "c2", "accompaniment", today(14), "Hovedindgangen"), one("a3", "c6", "phone", today(15, 30)),
        one("a4", "c1", "activity", today(19), "Bane 2", { two_times: true }), one("a5", "c5", "meeting", today(14) + 48 * HOUR, "Biblioteket"),
      ]
    : [];
  const fresh = () => kept.map((a) => ({ ...a, asked: a.at <= world.now() && world.now() <= a.at + a.minutes * 60_000 + 6 * HOUR })).toSorted((a, b) => a.at - b.at);
  const open = () => fresh().filter((a) => a.asked || a.at > world.now());
  function done(id: string, act: string, caseId: string, next: AppointmentView[], kind: string) {
    const before = kept;
    const c = world.find(caseId);
    kept = next;
    world.record(c, act, id, kind, act === "meeting.log" ? kind : "");
    world.changed(c);
    const token = world.nextId("u");
    world.undos.set(token, () => {
      kept = before;
      world.changed(c);
    });
    return { id, undo: token };
  }
  const found = (id: string): AppointmentView => {
    const a = kept.find((k) => k.id === id);
    if (!a) throw { code: "case.unknown_appointment", wait_s: null };
    return a;
  };
  return {
    open,
    of: (id) => fresh().filter((a) => a.case === id),
    addAppointment: async (caseId, kind, at, minutes, label) => {
      await world.turn();
      const id = world.nextId("a");
      return done(id, "appointment.add", caseId, [...kept, one(id, caseId, kind, at, label, { minutes: minutes ?? MINUTES[kind] ?? 60 })], kind);
    },
    moveAppointment: async (caseId, id, at) => {
      await world.turn();
      const a = found(id);
      return done(id, "appointment.move", caseId, kept.map((k) => (k.id === id ? { ...k, at, two_times: false } : k)), a.meeting);
    },
    removeAppointment: async (caseId, id) => {
      await world.turn();
      return done(id, "appointment.remove", caseId, kept.filter((k) => k.id !== id), found(id).meeting);
    },
    settleAppointment: async (caseId, id, kind) => {
      await world.turn();
      const [a, c] = [found(id), world.find(caseId)];
      const before = c.timeline;
      const met = !/^(no_show|cancelled)/.test(kind);
      const entry: TimelineEntry = {
        type: "meeting", id: world.nextId("m"), kind, at: a.at, minutes: met ? a.minutes : 0, place: a.label, outcome: met ? "took_place" : "not", zone: null, said: null, by: who(ME), dot: "here", clock_doubt: false,
      };
      c.timeline = [entry, ...c.timeline];
      const told = done(entry.id, "meeting.log", caseId, kept.filter((k) => k.id !== id), kind);
      const back = world.undos.get(told.undo);
      world.undos.set(told.undo, () => {
        c.timeline = before;
        back?.();
      });
      return told;
    },
  };
}
