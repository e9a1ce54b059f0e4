// A promise or a task as one line in a list: what, for whom, by when. A promise always names its person and its day.
import type { TaskView } from "../host/bindings";
import type { Words } from "./da";
import { day, fromIso } from "./dates";

export type TaskLine = { id: string; title: string; person: { id: string; alias: string } | null; more: string; tickLabel: string };

export function taskItem(w: Words, t: TaskView, now: number, named: boolean): TaskLine {
  const promise = t.kind === "promise";
  const due = t.due ? day(w, fromIso(t.due), now) : promise ? w.noDay.toLocaleLowerCase() : "";
  const whom = promise && t.promised_to && t.promised_to !== t.alias ? w.promisedTo(t.promised_to) : "";
  const more = [whom, due].filter(Boolean).join(" · ");
  return {
    id: t.id, title: t.title, person: named ? { id: t.case, alias: t.alias } : null, more,
    tickLabel: promise ? w.promiseKept(t.title) : w.taskDone(t.title),
  };
}
