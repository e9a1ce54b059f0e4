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
    setMeetingAt: (caseId, meeting, at) => call("set_meeting_at", { case: caseId, meeting, at }),
    undo: (token) => call("undo", { token }),
    setTaskDone: (caseId, task, done) => call("set_task_done", { case: caseId, task, done }),
    noteOpen: (caseId, note) => call("note_open", { case: caseId, note }),
    noteWrite: (caseId, note, text, base) => call("note_write", { case: caseId, note, text, base }),
    noteFinish: (caseId, note, finished) => call("note_finish", { case: caseId, note, finished }),
    syncLine: () => call("sync_line"),
    syncSheet: () => call("sync_sheet"),
    syncNow: () => call("sync_now"),
    setLang: (lang) => call("set_lang", { lang }),
    setOfferStatus: (caseId, offer, status) => call("set_offer_status", { case: caseId, offer, status }),
    addStep: (caseId, offer, title, template, owner, due) => call("add_step", { case: caseId, offer, title, template, owner, due }),
    setStepDone: (caseId, offer, step, done) => call("set_step_done", { case: caseId, offer, step, done }),
    removeStep: (caseId, offer, step) => call("remove_step", { case: caseId, offer, step }),
    stepTemplates: () => call("step_templates"),
    addTask: (caseId, kind, title, due, owner, promisedTo) => call("add_task", { case: caseId, kind, title, due, owner, promisedTo }),
    setTaskDue: (caseId, task, due) => call("set_task_due", { case: caseId, task, due }),
    removeTask: (caseId, task) => call("remove_task", { case: caseId, task }),
    removeMeeting: (caseId, meeting) => call("remove_meeting", { case: caseId, meeting }),
    removeNote: (caseId, note) => call("remove_note", { case: caseId, note }),
    history: (caseId) => call("history", { case: caseId }),
    search: (text) => call("search", { text }),
    conflicts: () => call("conflicts"),
    resolve: (caseId, conflict, keep) => call("resolve", { case: caseId, conflict, keep }),
    newCase: (alias, programme, birthYear) => call("new_case", { alias, programme, birthYear }),
    settings: () => call("settings"),
    saveSettings: (settings) => call("save_settings", { settings }),
    storage: () => call("storage"),
    about: () => call("about"),
    report: () => call("report"),
    saveReport: (report) => call("save_report", { report }),
    proposeSecret: () => call("propose_secret"),
    createOrganisation: (server, organisation, person, secret) => call("create_organisation", { server, organisation, person, secret }),
    joinOrganisation: (invitation, secret) => call("join_organisation", { invitation, secret }),
    onChanged,
  };
}
