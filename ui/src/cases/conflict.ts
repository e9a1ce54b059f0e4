// What a conflict is about, and its values, as people say them. Fields are named as the device names them: `task.<id>.due`.
import type { CaseView, OfferKind, OfferStatus, Programme, Stage } from "../host/bindings";
import type { Words } from "../words/da";
import { diaryDay, fromIso, when } from "../words/dates";

export function fieldName(w: Words, field: string, c: Pick<CaseView, "tasks" | "offers">): string {
  const parts = field.split(".");
  if (parts[0] === "task") {
    const task = c.tasks.find((t) => t.id === parts[1]);
    return task ? `${w.field(parts[2] ?? "")} (${task.title})` : w.field(parts[2] ?? "");
  }
  if (parts[0] === "offer") return w.offer(parts[1] as OfferKind);
  return w.field(parts.at(-1) ?? field);
}

export function valueName(w: Words, field: string, value: string, now: number): string {
  const last = field.split(".").at(-1);
  if (last === "done") return value ? w.doneOn(diaryDay(w, fromIso(value), now)) : w.notDone;
  if (!value) return w.notSet;
  if (last === "removed") return value === "removed" ? w.noteRemoved : w.noteKept;
  if (last === "at") return when(w, Number(value), now);
  if (last === "due") return diaryDay(w, fromIso(value), now);
  if (last === "status") return w.offerStatus(value as OfferStatus) ?? value;
  if (last === "stage") return w.stage(value as Stage) ?? value;
  if (last === "programme") return w.programme(value as Programme) ?? value;
  return value;
}
