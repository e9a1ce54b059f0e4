// Made from the Rust types by `UPDATE_BINDINGS=1 cargo test -p app bindings`. Do not edit.

export type Phase = "fresh" | "locked" | "waiting" | "unlocked";

export type SecretKind = "pin" | "passphrase";

export type Lang = "da" | "en";

export type AppState = {
  phase: Phase;
  /** Which way in this device offers first. */
  secret: SecretKind;
  /** True in an organisation filled with synthetic data: the mark is never hidden. */
  synthetic: boolean;
  /** Null while locked: nothing about a person is known before unlock. */
  me: { name: string, role: Role, device: string } | null;
  /** Seconds before another try is allowed, 0 when none is needed. */
  wait_s: number;
  /** Tries that are left before this device destroys its keys; left out until there are only two, and while it is open. */
  left?: number;
  /** The language chosen on this device; left out when none was. */
  lang?: Lang;
  /** The REQUEST of a device that waits to be admitted (phase `waiting`), to be read aloud or shown to the sponsor. */
  request: string | null;
  /** Seven words that say the same as the REQUEST; left out when there is none. */
  request_words?: Array<string>;
  /** A newer version made this vault, or the organisation asks for one: it can be read, not written. */
  read_only: boolean;
  /** This device is an older copy that was put back: nobody may write here; left out otherwise. */
  restored?: boolean;
  /** Why there is nothing on this device any more, as a code (phase `fresh`); left out when there never was, or is again. */
  ended?: string;
};

export type Hand = "right" | "left";

export type Contrast = "normal" | "more";

export type Theme = "system" | "light" | "dark";

export type Settings = {
  /** Seconds without a sign of life before the app locks: 15 to 300. */
  lock_after_s: number;
  /** Percent: 100, 125, 150 or 200. */
  text: number;
  hand: Hand;
  contrast: Contrast;
  theme: Theme;
  /** Whether single letters are shortcuts on a desktop. */
  single_keys: boolean;
};

export type Storage = {
  /** Bytes of the vault and what lies beside it. */
  used: number;
  /** Bytes that are free where the vault lies; null when the platform does not say. */
  free: number | null;
  cases: number;
  notes: number;
  meetings: number;
  tasks: number;
};

export type Licence = {
  name: string;
  version: string;
  licence: string;
};

export type About = {
  version: string;
  organisation: string;
  /** Of the organisation's root, in groups of four. */
  fingerprint: string;
  person: string;
  role: Role;
  device: string;
  /** Of this device's keys, in groups of four. */
  device_fingerprint: string;
  server: string;
  licences: Array<Licence>;
};

export type Report = {
  /** A neutral file name. */
  name: string;
  text: string;
};

export type StepTemplate = {
  offer: OfferKind;
  key: string;
  da: string;
  en: string;
};

export type HistoryView = {
  at: number;
  by: Who | null;
  /** Stable word, such as `note.write`; `unknown` for acts of a later version. */
  act: string;
  item: string | null;
  /** Stable words that say more, such as the two statuses of an offer; may be empty. */
  detail: string;
  /** How many changes in a row this stands for. */
  changes: number;
  /** What the thing is called, where it has a name: a title, the first words of a note, the kind of a meeting. */
  title: string | null;
  clock_doubt: boolean;
  /** Done on a device that was revoked later as lost or compromised: it may have been somebody else, and is taken back by hand. */
  disputed: boolean;
};

export type SearchPart = {
  text: string;
  hit: boolean;
};

export type SearchHit = {
  kind: "profile" | "note" | "meeting" | "task" | "offer";
  id: string;
  at: number | null;
  by: string | null;
  parts: Array<SearchPart>;
};

export type SearchGroup = {
  case: string;
  alias: string;
  hits: Array<SearchHit>;
};

export type SearchView = {
  /** Other spellings that were found, at most three; empty when only what was typed was. */
  also: Array<string>;
  groups: Array<SearchGroup>;
  /** More hits than are shown. */
  more: boolean;
};

export type ConflictCard = {
  alias: string;
  /** The value that applies now; null when none does until somebody chooses. */
  applies: string | null;
  /** Why: `lower_rung`, `earliest_due`, `done_stays`, `nothing_lost`, `latest`, `furthest`, `nothing`. */
  rule: string;
  id: string;
  case: string;
  field: string;
  values: Array<ConflictValue>;
};

export type DeviceStanding = "active" | "revoking" | "revoked";

export type RosterDevice = {
  device: string;
  name: string;
  member: string;
  /** Whose it is. */
  person: string;
  role: Role;
  /** The device that is asked. */
  this: boolean;
  standing: DeviceStanding;
  /** Its owner was made to open it, as the device itself said; known to whoever may revoke it. */
  forced: boolean;
  /** When the newest of its words here was written, by its own clock, Unix milliseconds; absent while none came. */
  heard_at: number | null;
  /** Nothing came of it for a week, though it belongs for longer. */
  unheard: boolean;
  /** Cases of which it has the newest key; absent where this device cannot know, being neither a coordinator's nor one of the same person. */
  cases: number | null;
  may_revoke: boolean;
  /** Whether [`Device::breach_sheet`] answers. */
  may_see_sheet: boolean;
};

export type Awaited = {
  person: string;
  role: Role;
  /** When the invitation ends, Unix milliseconds. */
  expires: number;
  /** Whether whoever asks may compare the request that answers it, and let that device in. */
  may_let_in: boolean;
};

export type Roster = {
  /** Those that belong before those that do not; then by person and name. */
  devices: Array<RosterDevice>;
  /** Invitations that are in the log, are good still, and were not used. */
  awaited: Array<Awaited>;
  /** Whether this is a device of somebody who may invite, let in, assign and decide about quarantine. */
  may_admit: boolean;
};

export type Pending = {
  /** `invite`, `admit`, `revoke`, `require`, `found`, `grant`, `remove`, `key`, `hold`, `let_go`, `propose_erasure`, `approve_erasure`, `erase`, `receipt`, `receive_key`; about an address `open_address`, `propose_release`, `approve_release`, `release`, `take_back`. */
  what: string;
  /** The case it is about; absent for the organisation. */
  case: string | null;
  /** What the case is called. */
  alias: string | null;
  /** Whom it concerns. */
  person: string | null;
  /** The code with which it was refused, when it will not come true. */
  refused: string | null;
};

export type PolicyAsked = {
  /** Hash of the entry that proposed it. */
  id: string;
  /** The oldest app that may write, where it is about that. */
  version: string | null;
  /** Address of the server, where it is about that, or about its certificates. */
  server: string | null;
  /** Who proposed it. */
  by: string;
  /** Whether whoever asks may be the second person. */
  may_agree: boolean;
  /** Unix milliseconds. */
  expires: number;
};

export type Invited = {
  invitation: string;
  /** Unix milliseconds. */
  expires: number;
};

export type Request = {
  /** The REQUEST as the other device shows it: compare before approving. */
  id: string;
  /** Whom the invitation was made for. */
  person: string;
  member: string;
  /** Seven words that the other device shows too: the same comparison, shorter. */
  words: Array<string>;
};

export type RevokeReason = "lost" | "left" | "compromised";

export type BreachCase = {
  case: string;
  alias: string;
  /** Stable words: which parts of the case it had keys for. */
  compartments: Array<string>;
  /** Since when, by the clock of whoever gave it the first key, Unix milliseconds. */
  since: number;
  /** Whether the case has a key that it does not have. */
  renewed: boolean;
  /** Segments of its words that are here. */
  words: number;
};

export type BreachSheet = {
  device: string;
  device_name: string;
  person: string;
  /** Absent while the device is active. */
  reason: RevokeReason | null;
  /** When it was cut off, by the clock of whoever did it, Unix milliseconds. */
  revoked_at: number | null;
  /** When the last of its words that came was written, by its own clock, Unix milliseconds. */
  last_word_at: number | null;
  /** Whether names and the list of devices have a key that it does not have. */
  directory_renewed: boolean;
  /** Every case of this device's owner of which a key was ever made for the device, as far as it is known here. */
  cases: Array<BreachCase>;
  /** Cases whose newest key it does not have. */
  renewed: number;
};

export type Picture = {
  /** Fields on each side, without the light edge that belongs around it. */
  size: number;
  /** The dark fields as an SVG path, one unit a field. */
  path: string;
};

export type SalvageAct = "finished" | "unfinished" | "removed" | "restored" | "moved" | "minutes" | "place" | "owner" | "promised_to" | "due" | "done" | "undone" | "reason" | "text" | "by" | "corrected" | "programme" | "birth_year";

export type SalvageKind = "note" | "meeting" | "task" | "appointment" | "offer" | "step" | "stage" | "profile" | "case";

export type SalvageSaid = {
  act: SalvageAct;
  /** A name, a day, a stable word; absent where the act says it all. */
  value: string | null;
};

export type SalvageState = "open" | "accepted" | "rejected";

export type Salvaged = {
  /** The same on every device; another when its author went on writing. */
  key: string;
  kind: SalvageKind;
  /** A title, the first words of a note, the kind of a meeting, an offer; stable words where it has no name of its own. */
  title: string;
  /** The whole text of a note; a stable word that says more for other things. */
  text: string | null;
  /** When it was written, or took place, as its author said; Unix milliseconds. */
  at: number | null;
  /** Whether it changes something that is here already. */
  changes: boolean;
  /** What else would be done. */
  said: Array<SalvageSaid>;
  state: SalvageState;
};

export type Quarantined = {
  /** Names the item; goes back with the decision. */
  id: string;
  device: string;
  /** What the device was called. */
  device_name: string;
  /** Whose it was. */
  person: string;
  case: string;
  /** What the case is called; empty where it is not known here. */
  alias: string;
  /** Unix milliseconds. */
  came_at: number;
  /** In the order in which they would be taken over. */
  things: Array<Salvaged>;
  /** Things nobody has decided about. */
  open: number;
  /** Why not all of it can be shown: `quarantine.incomplete`, `quarantine.unsound`, `case.unknown`. */
  code: string | null;
};

export type Protection = "ordinary" | "name_and_address" | "special";

export type Purpose = "visit" | "move" | "authority" | "danger" | "check";

export type AddressVersion = {
  address: string;
  protection: Protection;
  /** From when it holds: `YYYY-MM-DD`. */
  from: string | null;
  /** When its protection lapses: `YYYY-MM-DD`. */
  renew_by: string | null;
  by: string;
  /** Unix milliseconds. */
  at: number;
  /** Whether the server has it. */
  sent: boolean;
};

export type AddressShow = {
  /** The address, where nobody disagrees. */
  address: string | null;
  /** The strictest that anybody entered. */
  protection: Protection | null;
  renew_by: string | null;
  /** Whether people entered different addresses and nobody has decided, or it is not known yet whether something counts that was entered by somebody who was taken out: nobody else is shown it or let in meanwhile. */
  disputed: boolean;
  /** What stands: one version, or those that disagree. Only for those who enter addresses. */
  standing: Array<AddressVersion>;
  /** What stood before, oldest first. Only for those who enter addresses. */
  before: Array<AddressVersion>;
  /** When this person's time ends, Unix milliseconds. */
  until: number | null;
  /** Who looks, and when (Unix milliseconds): it stands over what is shown. */
  viewer: string;
  at: number;
  /** Codes of what came and does not count, with how often. */
  codes: Array<[string, number]>;
};

export type Reader = {
  member: string;
  name: string;
  role: Role;
  /** When it ends by itself, Unix milliseconds. */
  until: number | null;
};

export type ReleaseAsked = {
  member: string;
  name: string;
  /** When the person's time would end, Unix milliseconds. */
  until: number | null;
  by: string;
  /** Whether it was asked by the person who uses this device, or is for them: then somebody else agrees. */
  mine: boolean;
  /** Whether two agree, and a coordinator opens the strongroom next. */
  agreed: boolean;
  /** When it is asked no more, Unix milliseconds. */
  expires: number;
};

export type AddressStanding = {
  case: string;
  /** What the case is called; absent where it is not here. */
  alias: string | null;
  /** Whether there ever was an address, here or on the server. */
  is_kept: boolean;
  /** Whether this person may see it now. */
  may_see: boolean;
  /** Whether this person enters it. */
  may_enter: boolean;
  /** When this person's time ends, Unix milliseconds. */
  until: number | null;
  /** Everybody who may see it now. */
  readers: Array<Reader>;
  /** What was asked for and is not carried out. */
  asked: Array<ReleaseAsked>;
  /** Whether this person reads who looked. */
  may_read_log: boolean;
  /** Entries written here that are not sealed yet: they go with the next sync that finds the strongroom open. */
  waiting: number;
};

export type AccessRow = {
  /** Unix milliseconds, as the person's device said. */
  at: number;
  by: string;
  /** Absent where the log has a release of which nobody said what for. */
  purpose: Purpose | null;
  /** Whom it was released to; absent when somebody looked. */
  to: string | null;
  /** Until when, Unix milliseconds. */
  until: number | null;
  /** Whether one person decided it, for a vital interest or because there was no second. */
  alone: boolean;
  /** Whether the log of the case has this release; until then it is asked for, or was taken back, or somebody only says so. */
  granted: boolean;
  /** Whether the server has it. */
  sent: boolean;
};

export type Releasing = "asked" | "decided";

export type EraseBasis = "candidate" | "retention" | "mistake";

export type Erasing = "gone" | "decided" | "proposed";

export type ErasureProposal = {
  basis: EraseBasis;
  /** Who. */
  by: string;
  /** Whether it was whoever asks. */
  mine: boolean;
  /** Unix milliseconds. */
  expires: number;
};

export type ErasureReceipt = {
  device: string;
  device_name: string;
  person: string;
  /** When it said that nothing is left, Unix milliseconds; absent while it has not. */
  at: number | null;
  /** It was revoked before it said so. */
  revoked: boolean;
};

export type Erasure = {
  basis: EraseBasis;
  /** Unix milliseconds. */
  at: number;
  /** Every device that could read it. */
  devices: Array<ErasureReceipt>;
  /** From this time on no backup of the server is left that holds the sealed bytes, Unix milliseconds. */
  backups_lapse: number;
  /** Changes that were written here, never sent, and are gone with the case. */
  unsent: number;
  /** Whether this device says nothing before its database has another key, for which it may want room on the disk. */
  renewing: boolean;
  /** Whether an older image of a device opens with nothing but the passphrase: so where a device has no keystore. */
  residual: boolean;
};

export type Ending = {
  case: string;
  /** What it is called, where it is still here. */
  alias: string | null;
  held: boolean;
  proposals: Array<ErasureProposal>;
  erased: Erasure | null;
};

export type Role = "mentor" | "co_mentor" | "substitute" | "coordinator" | "programme_lead" | "dpo" | "it";

export type Programme = "national" | "prison" | "municipal" | "ngo";

export type MeetingKind = "meeting" | "prison_visit" | "prison_leave" | "accompaniment" | "activity" | "home_visit" | "phone" | "video" | "message" | "letter" | "network_meeting" | "family_meeting" | "crisis_call" | "pickup_release" | "no_show" | "cancelled_candidate" | "cancelled_institution" | "cancelled_mentor" | "attempt" | "other";

export type Outcome = "took_place" | "partly" | "not";

export type OfferKind = "relocation" | "financial_aid" | "outside_contacts" | "authority_cooperation" | "family_reconnection" | "social_activities" | "therapy" | "substance_treatment" | "work_education" | "other";

export type OfferStatus = "not_assessed" | "no_need" | "need" | "offered" | "accepted" | "declined" | "waiting" | "running" | "done" | "stopped";

export type Stage = "inquiry" | "screening" | "screening_ended" | "course_active" | "course_paused" | "completed" | "broken_off" | "follow_up" | "closed" | "unresolved_end";

export type TaskKind = "task" | "promise";

export type Dot = "here" | "server" | "coordinator";

export type NextTask = {
  title: string;
  due: string | null;
};

export type CaseRow = {
  id: string;
  alias: string;
  stage: Stage;
  /** From 1. */
  pier: number;
  piers: number;
  /** Calendar days since the last two-way contact. */
  days_since: number | null;
  /** Unix milliseconds. */
  last_contact_at: number | null;
  silent: boolean;
  open_promises: number;
  next_task: NextTask | null;
  unfinished_notes: number;
  conflicts: number;
  waiting_for_server: boolean;
};

export type Who = {
  member: string;
  name: string;
  /** The device's name. */
  device: string;
};

export type TaskView = {
  id: string;
  case: string;
  alias: string;
  title: string;
  /** `yyyy-mm-dd`. */
  due: string | null;
  done: boolean;
  done_on: string | null;
  kind: TaskKind;
  promised_to: string | null;
  owner: string | null;
  by: Who | null;
  dot: Dot;
};

export type AppointmentView = {
  id: string;
  case: string;
  alias: string;
  meeting: MeetingKind;
  /** When it is to begin, Unix milliseconds. */
  at: number;
  minutes: number;
  label: string | null;
  /** True when two people gave it two times: the earlier one is shown. */
  two_times: boolean;
  /** True from its beginning until six hours after its end. */
  asked: boolean;
};

export type TodayView = {
  /** `yyyy-mm-dd` where the person is. */
  date: string;
  week: number;
  /** Those that are asked about, then those to come, of today and the week after; the next first. */
  appointments: Array<AppointmentView>;
  promises: Array<TaskView>;
  tasks: Array<TaskView>;
  silent: Array<CaseRow>;
  all_cases: number;
};

export type MeetingView = {
  id: string;
  kind: MeetingKind;
  at: number;
  minutes: number;
  place: string | null;
  outcome: Outcome;
  /** Name of the time zone where the person was, when it was said. */
  zone: string | null;
  /** The time as it was said, `yyyy-mm-ddThh:mm`, where no clock showed it because an hour was skipped. */
  said: string | null;
  by: Who;
  dot: Dot;
  clock_doubt: boolean;
  /** How far ahead (or, negative, behind) the clock was by which the time was said, in milliseconds; left out when nobody knows that it was off. */
  clock_ahead?: number;
  /** The clock had lost all time: `at` says nothing, and a person is to be asked. Left out when it is not so. */
  time_unknown?: boolean;
};

export type NoteSummary = {
  id: string;
  by: Who;
  at: number;
  changed_at: number;
  first_line: string;
  words: number;
  unfinished: boolean;
  mine: boolean;
  voices: Array<string>;
  dot: Dot;
};

export type StageEventView = {
  id: string;
  event: string;
  stage: Stage;
  /** `yyyy-mm-dd`, `yyyy-mm` or `yyyy`. */
  on: string;
  by: Who;
  reason: string | null;
  dot: Dot;
};

export type OfferChangeView = {
  offer: OfferKind;
  from: OfferStatus;
  to: OfferStatus;
  at: number;
  by: Who;
  dot: Dot;
};

export type TimelineEntry = { "type": "meeting" } & MeetingView | { "type": "note" } & NoteSummary | { "type": "stage" } & StageEventView | { "type": "offer" } & OfferChangeView;

export type StepView = {
  id: string;
  title: string;
  owner: string | null;
  due: string | null;
  done: boolean;
  done_on: string | null;
};

export type OfferView = {
  kind: OfferKind;
  status: OfferStatus;
  steps: Array<StepView>;
  conflict: boolean;
};

export type ConflictValue = {
  /** Empty for "not done", "no date", "no value". */
  value: string;
  who: string;
  at: number;
  device: string;
};

export type ConflictView = {
  id: string;
  case: string;
  field: string;
  values: Array<ConflictValue>;
};

export type Pier = "inquiry" | "screening" | "agreement" | "course" | "follow_up";

export type PierState = "done" | "now" | "ahead";

export type BridgePier = {
  pier: Pier;
  state: PierState;
  /** The day on which the course came there, `yyyy-mm-dd`, `yyyy-mm` or `yyyy`. */
  on: string | null;
};

export type CaseView = {
  id: string;
  alias: string;
  programme: Programme;
  birth_year: number | null;
  stage: Stage;
  bridge: Array<BridgePier>;
  days_since: number | null;
  last_contact_at: number | null;
  silent: boolean;
  next_task: TaskView | null;
  offers: Array<OfferView>;
  tasks: Array<TaskView>;
  /** Of which nobody has said yet what came of them, from thirty days ago on; the earliest first. */
  appointments: Array<AppointmentView>;
  timeline: Array<TimelineEntry>;
  conflicts: Array<ConflictView>;
  team: Array<Who>;
  waiting_for_server: boolean;
};

export type Passage = {
  start: number;
  end: number;
  who: string;
  at: number;
};

export type BothVersion = {
  text: string;
  who: string;
  device: string;
  at: number;
};

export type BothWrote = {
  start: number;
  end: number;
  versions: Array<BothVersion>;
};

export type NoteView = {
  id: string;
  case: string;
  alias: string;
  text: string;
  /** Goes back with the next write. */
  base: string;
  at: number;
  changed_at: number;
  by: Who;
  voices: Array<string>;
  unfinished: boolean;
  dot: Dot;
  others: Array<Passage>;
  /** Left out where there is none. */
  both?: Array<BothWrote>;
};

export type KindMinutes = {
  kind: MeetingKind;
  minutes: number;
};

export type MeetingDefaults = {
  at: number;
  minutes: number;
  place: string | null;
  minutes_by_kind: Array<KindMinutes>;
};

export type Done = {
  id: string;
  /** Takes it back, once. */
  undo: string;
};

export type SyncState = "all_sent" | "waiting" | "never" | "stale_72h" | "unheard" | "sending";

export type SyncLine = {
  state: SyncState;
  /** Things of cases, and decisions about who belongs, that only this device has. */
  waiting: number;
  /** Unix milliseconds. */
  last_fetched_at: number | null;
};

export type WaitingItems = {
  kind: "meeting" | "note" | "task" | "appointment" | "offer" | "stage" | "case" | "profile";
  case: string;
  alias: string;
  count: number;
};

export type CodeCount = {
  code: string;
  count: number;
};

export type SyncSheet = {
  last_sent_at: number | null;
  items: Array<WaitingItems>;
  /** Decisions about who belongs that have not reached the server. */
  decided: number;
  parked: number;
  /** What came and was set aside, by code. */
  aside: Array<CodeCount>;
  /** What was sent and refused, by code. */
  refused: Array<CodeCount>;
  state: SyncState;
  /** Things of cases, and decisions about who belongs, that only this device has. */
  waiting: number;
  /** Unix milliseconds. */
  last_fetched_at: number | null;
};

export type ErrorView = {
  code: string;
  /** Seconds to wait, when the error says so. */
  wait_s: number | null;
  /** Tries that are left before this device destroys its keys; left out until there are only two. */
  left?: number;
};

export type Changed = {
  cases: Array<string>;
  sync: boolean;
  locked: boolean;
};
