// The only door to Rust. Every face of the app talks to a Host; tauri.ts, preview.ts and pretend.ts are three of them.
import type {
  AppState, CaseRow, CaseView, Changed, Done, Lang, MeetingDefaults, MeetingKind, NoteView, SecretKind, SyncLine, SyncSheet, TodayView,
} from "./bindings";

export interface Host {
  appState(): Promise<AppState>;
  /** rejects with {code:"vault.wrong_secret", wait_s} */
  unlock(kind: SecretKind, secret: string): Promise<AppState>;
  lock(): Promise<void>;
  today(): Promise<TodayView>;
  cases(): Promise<CaseRow[]>;
  caseView(id: string): Promise<CaseView>;
  meetingDefaults(id: string): Promise<MeetingDefaults>;
  logMeeting(id: string, kind: MeetingKind, at: number | null, minutes: number | null, place: string | null): Promise<Done>;
  undo(token: string): Promise<void>;
  setTaskDone(caseId: string, task: string, done: boolean): Promise<Done>;
  /** without a note id: a new one, made at the first write */
  noteOpen(caseId: string, note: string): Promise<NoteView>;
  /** note null makes the note; answers with the merged text and the next base */
  noteWrite(caseId: string, note: string | null, text: string, base: string | null): Promise<NoteView>;
  /** the author says it is finished (or takes that back) */
  noteFinish(caseId: string, note: string, finished: boolean): Promise<NoteView>;
  syncLine(): Promise<SyncLine>;
  syncSheet(): Promise<SyncSheet>;
  syncNow(): Promise<SyncLine>;
  setLang(lang: Lang): Promise<void>;
  onChanged(listener: (changed: Changed) => void): () => void;
}
