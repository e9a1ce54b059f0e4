// A Host from two things: a way to call a command by name and a way to hear of changes. The names are Rust's.
import type { Changed } from "./bindings";
import type { Host } from "./host";

export type Call = <T>(command: string, args?: Record<string, unknown>) => Promise<T>;

export function hostOver(call: Call, onChanged: (listener: (changed: Changed) => void) => () => void): Host {
  return {
    appState: () => call("app_state"),
    unlock: (kind, secret) => call("unlock", { kind, secret }),
    lock: () => call("lock"),
    today: () => call("today"),
    cases: () => call("cases"),
    caseView: (id) => call("case_view", { id }),
    meetingDefaults: (id) => call("meeting_defaults", { id }),
    logMeeting: (id, kind, at, minutes, place) => call("log_meeting", { id, kind, at, minutes, place }),
    undo: (token) => call("undo", { token }),
    setTaskDone: (caseId, task, done) => call("set_task_done", { case: caseId, task, done }),
    noteOpen: (caseId, note) => call("note_open", { case: caseId, note }),
    noteWrite: (caseId, note, text, base) => call("note_write", { case: caseId, note, text, base }),
    noteFinish: (caseId, note, finished) => call("note_finish", { case: caseId, note, finished }),
    syncLine: () => call("sync_line"),
    syncSheet: () => call("sync_sheet"),
    syncNow: () => call("sync_now"),
    setLang: (lang) => call("set_lang", { lang }),
    onChanged,
  };
}
