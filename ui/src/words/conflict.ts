// What a conflict is about, and its values, as people say them. Fields are named as the device names them: `task.<id>.due`.
import type { CaseView, OfferKind, OfferStatus, Programme, Stage } from "../host/bindings";
import type { Words } from "./da";
import { fromIso, longDay, within } from "./dates";

export function fieldName(w: Words, field: string, c: Pick<CaseView, "tasks" | "offers">): string {
  const parts = field.split(".");
  if (parts[0] === "task") {
    const task = c.tasks.find((t) => t.id === parts[1]);
    return task ? `${w.field(parts[2] ?? "")} (${task.title})` : w.field(parts[2] ?? "");
  }
  if (parts[0] === "offer") return w.offer(parts[1] as OfferKind);
  return w.field(parts.at(-1) ?? field);
}

function dated(w: Words, iso: string, now: number): string {
  const year = iso.slice(0, 4);
  return `${longDay(w, fromIso(iso))}${year === String(new Date(now).getFullYear()) ? "" : ` ${year}`}`;
}

export function valueName(w: Words, field: string, value: string, now: number): string {
  const last = field.split(".").at(-1);
  if (last === "done") return value ? w.doneOn(dated(w, value, now)) : w.notDone;
  if (last === "removed") return value === "kept" ? w.noteStays : w.noteGone;
  if (!value) return w.notSet;
  if (last === "due") return dated(w, value, now);
  if (last === "status") return w.offerStatus(value as OfferStatus) ?? value;
  if (last === "stage") return within(w.stage(value as Stage) ?? value);
  if (last === "programme") return within(w.programme(value as Programme) ?? value);
  return value;
}
