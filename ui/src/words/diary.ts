// An appointment as one row of a diary.
import type { AppointmentView } from "../host/bindings";
import type { Words } from "./da";
import { clock, day, daysBetween, opening } from "./dates";

type Row = { id: string; clock: string; person: { id: string; alias: string } | null; what: string };

/** `named` is false where the row stands on the person's own screen */
export function diaryItem(w: Words, a: AppointmentView, now: number, named: boolean): Row {
  const today = daysBetween(now, a.at) === 0;
  const what = [today ? "" : opening(day(w, a.at, now)), w.kind(a.meeting), a.label ?? "", a.two_times ? w.appointmentTwoTimes : "", a.at <= now ? w.appointmentUnsaid : ""].filter(Boolean).join(" · ");
  return { id: a.id, clock: clock(w, a.at), person: named ? { id: a.case, alias: a.alias } : null, what };
}
