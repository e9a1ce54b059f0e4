// The only door to Rust. Every face of the app talks to a Host; tauri.ts, preview.ts and pretend.ts are three of them.
import type {
  About, AccessRow, AddressShow, AddressStanding, AppState, BreachSheet, CaseRow, CaseView, Changed, ConflictCard, Done, Ending, EraseBasis, Erasing,
  HistoryView, Invited, Lang, MeetingDefaults, MeetingKind, NoteView, OfferKind, OfferStatus, Pending, Picture, PolicyAsked, Programme, Protection,
  Purpose, Quarantined, Reader, Releasing, Report, Request, RevokeReason, Role, Roster, SearchView, SecretKind, Settings, StepTemplate, Storage,
  SyncLine, SyncSheet, TaskKind, TodayView,
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
  /** says when a contact was, where its clock had lost the time */
  setMeetingAt(caseId: string, meeting: string, at: number): Promise<Done>;
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

  // one case, further
  setOfferStatus(caseId: string, offer: OfferKind, status: OfferStatus): Promise<Done>;
  /** `template` names the data pack's step; the title is what the person sees */
  addStep(caseId: string, offer: OfferKind, title: string, template: string | null, owner: string | null, due: string | null): Promise<Done>;
  setStepDone(caseId: string, offer: OfferKind, step: string, done: boolean): Promise<Done>;
  removeStep(caseId: string, offer: OfferKind, step: string): Promise<Done>;
  stepTemplates(): Promise<StepTemplate[]>;
  addTask(caseId: string, kind: TaskKind, title: string, due: string | null, owner: string | null, promisedTo: string | null): Promise<Done>;
  /** `minutes` as usual for the kind when null */
  addAppointment(caseId: string, kind: MeetingKind, at: number, minutes: number | null, label: string | null): Promise<Done>;
  moveAppointment(caseId: string, appointment: string, at: number): Promise<Done>;
  /** logs what came of it, at its time: the contact as agreed, or why there was none */
  settleAppointment(caseId: string, appointment: string, kind: MeetingKind): Promise<Done>;
  removeAppointment(caseId: string, appointment: string): Promise<Done>;
  setTaskDue(caseId: string, task: string, due: string | null): Promise<Done>;
  removeTask(caseId: string, task: string): Promise<Done>;
  removeMeeting(caseId: string, meeting: string): Promise<Done>;
  removeNote(caseId: string, note: string): Promise<Done>;
  history(caseId: string): Promise<HistoryView[]>;
  search(text: string): Promise<SearchView>;
  /** of every case this device holds */
  conflicts(): Promise<ConflictCard[]>;
  resolve(caseId: string, conflict: string, keep: string): Promise<Done>;
  newCase(alias: string, programme: Programme, birthYear: number | null): Promise<string>;

  // where somebody lives
  /** how things stand with it; nothing of the address itself */
  addressStanding(caseId: string): Promise<AddressStanding>;
  /** for a minute; rejects as `unlock` does */
  openStrongroom(kind: SecretKind, secret: string): Promise<void>;
  closeStrongroom(): Promise<void>;
  /** that somebody looked, and why, is entered where those who watch over it read it */
  lookAtAddress(caseId: string, purpose: Purpose): Promise<AddressShow>;
  /** over what stands; days as YYYY-MM-DD */
  enterAddress(caseId: string, address: string, protection: Protection, from: string | null, renewBy: string | null): Promise<void>;
  /** `alone` for a vital interest, two hours at most */
  releaseAddress(caseId: string, member: string, until: number, purpose: Purpose, alone: boolean): Promise<Releasing>;
  approveRelease(caseId: string, member: string, until: number | null): Promise<void>;
  takeBackAddress(caseId: string, member: string): Promise<void>;
  /** newest first */
  addressLog(caseId: string): Promise<AccessRow[]>;

  // people and devices
  people(): Promise<Roster>;
  /** what was decided here about who belongs and has not reached the server */
  pending(): Promise<Pending[]>;
  /** a name, or the id of somebody who is here already */
  invite(person: string, role: Role): Promise<Invited>;
  /** asks the server; rejects with net.offline */
  requests(): Promise<Request[]>;
  /** only after a person has compared */
  refuseRequest(request: string): Promise<void>;
  policiesAsked(): Promise<PolicyAsked[]>;
  agreeToPolicy(id: string, secret: string): Promise<void>;
  approve(request: string, deviceName: string, secret: string): Promise<void>;
  assign(caseId: string, member: string, until?: number | null): Promise<void>;
  readers(caseId: string): Promise<Reader[]>;
  unassign(caseId: string, member: string): Promise<void>;
  handOver(caseId: string, from: string, to: string, overlapDays: number): Promise<void>;
  /** cases that are held, proposed to be erased, or erased */
  endings(): Promise<Ending[]>;
  holdCase(caseId: string, on: boolean): Promise<void>;
  eraseCase(caseId: string, basis: EraseBasis, secret: string): Promise<Erasing>;
  approveErasure(caseId: string, secret: string): Promise<void>;
  revoke(device: string, reason: RevokeReason): Promise<void>;
  breachSheet(device: string): Promise<BreachSheet>;
  /** the sheet as a text, under a name that names nobody; `saveReport` saves it */
  receipt(device: string): Promise<Report>;
  /** null where the text is too long for one */
  picture(text: string): Promise<Picture | null>;
  quarantine(): Promise<Quarantined[]>;
  /** without a thing: all that nobody has decided about; answers with how many */
  acceptQuarantined(item: string, thing: string | null): Promise<number>;
  rejectQuarantined(item: string, thing: string | null): Promise<number>;

  // the device
  /** readable while locked */
  /** whether there is a second secret for whoever is forced to open the app */
  hasDuress(): Promise<boolean>;
  /** rejects as unlock does, and with "duress.same" */
  chooseDuress(secret: string, second: string): Promise<void>;
  forgetDuress(secret: string): Promise<void>;
  settings(): Promise<Settings>;
  saveSettings(settings: Settings): Promise<Settings>;
  storage(): Promise<Storage>;
  about(): Promise<About>;
  report(): Promise<Report>;
  /** writes what `report` showed, as it was shown, where the platform keeps downloads; answers with the place */
  saveReport(report: Report): Promise<string>;

  // first run
  /** six words for a secret, proposed by the device */
  proposeSecret(): Promise<string>;
  /** makes the vault and a new organisation with this device as its first coordinator's */
  createOrganisation(server: string, organisation: string, person: string, secret: string): Promise<AppState>;
  /** makes the vault and asks to be admitted; the answer's `request` goes to the sponsor by eye */
  joinOrganisation(invitation: string, secret: string): Promise<AppState>;
  onChanged(listener: (changed: Changed) => void): () => void;
}
