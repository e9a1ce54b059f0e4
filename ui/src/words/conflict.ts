// What a conflict is about, and its values, as people say them. Fields are named as the device names them: `task.<id>.due`.
import type { CaseView, OfferKind, OfferStatus, Programme, Stage } from "../host/bindings";
import type { Words } from "./da";
import { clock, fromIso, longDay, within } from "./dates";

export function fieldName(w: Words, field: string, c: Pick<CaseView, "tasks" | "offers">): string {
  const parts = field.split(".");
  if (parts[0] === "task") {
    const task = c.tasks.find((t) => t.id === parts[1]);
    return task ? `${w.field(parts[2] ?? "")} (${task.title})` : w.field(parts[2] ?? "");
  }
  if (parts[0] === "offer") return w.offer(parts[1] as OfferKind);
  return w.field(parts.at(-1) ?? field);
}

function dated(w: Words, day: Date, now: number): string {
  const year = day.getFullYear();
  return `${longDay(w, day)}${year === new Date(now).getFullYear() ? "" : ` ${year}`}`;
}

export function valueName(w: Words, field: string, value: string, now: number): string {
  const last = field.split(".").at(-1);
  if (last === "done") return value ? w.doneOn(dated(w, fromIso(value), now)) : w.notDone;
  if (last === "removed") return value === "kept" ? w.noteStays : w.noteGone;
  if (!value) return w.notSet;
  if (last === "at") return `${dated(w, new Date(Number(value)), now)} ${clock(w, Number(value))}`;
  if (last === "due") return dated(w, fromIso(value), now);
  if (last === "status") return w.offerStatus(value as OfferStatus) ?? value;
  if (last === "stage") return within(w.stage(value as Stage) ?? value);
  if (last === "programme") return within(w.programme(value as Programme) ?? value);
  return value;
}
