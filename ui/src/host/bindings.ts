// Made from the Rust types by `cargo test -p app bindings`. Do not edit.

export type Phase = "fresh" | "locked" | "unlocked";
export type SecretKind = "pin" | "passphrase";
export type Lang = "da" | "en";

export type AppState = {
  phase: Phase;
  /** which way in this device offers first */
  secret: SecretKind;
  /** true in an organisation filled with synthetic data: the mark is never hidden */
  synthetic: boolean;
  /** null while locked: nothing about a person is known before unlock */
  me: { name: string; role: Role; device: string } | null;
  /** seconds before another try is allowed, 0 when none is needed */
  wait_s: number;
};
export type Role = "mentor" | "co_mentor" | "substitute" | "coordinator" | "programme_lead" | "dpo" | "it";
export type Programme = "national" | "prison" | "municipal" | "ngo";

export type MeetingKind =
  | "meeting" | "prison_visit" | "prison_leave" | "accompaniment" | "activity" | "home_visit" | "phone" | "video"
  | "message" | "letter" | "network_meeting" | "family_meeting" | "crisis_call" | "pickup_release"
  | "no_show" | "cancelled_candidate" | "cancelled_institution" | "cancelled_mentor" | "attempt" | "other";
export type Outcome = "took_place" | "partly" | "not";
export type OfferKind =
  | "relocation" | "financial_aid" | "outside_contacts" | "authority_cooperation" | "family_reconnection"
  | "social_activities" | "therapy" | "substance_treatment" | "work_education" | "other";
export type OfferStatus =
  | "not_assessed" | "no_need" | "need" | "offered" | "accepted" | "declined" | "waiting" | "running" | "done" | "stopped";
export type Stage =
  | "inquiry" | "screening" | "screening_ended" | "course_active" | "course_paused" | "completed" | "broken_off"
  | "follow_up" | "closed" | "unresolved_end";

/** where an entry is: on this device, received by the server, seen by a coordinator's device */
export type Dot = "here" | "server" | "coordinator";

/** milliseconds since 1970-01-01 UTC, as the author's device claimed */
export type TimeMs = number;

export type CaseRow = {
  id: string;
  alias: string;
  stage: Stage;
  /** 1-based pier of the bridge and how many piers there are */
  pier: number; piers: number;
  /** whole days since the last two-way contact, null when there was none */
  days_since: number | null;
  last_contact_at: TimeMs | null;
  /** at least 14 days */
  silent: boolean;
  open_promises: number;
  next_task: { title: string; due: string | null } | null;
  unfinished_notes: number;
  conflicts: number;
  /** born offline and not yet on the server */
  waiting_for_server: boolean;
};

export type Who = { member: string; name: string; device: string };

export type TaskView = {
  id: string; case: string; alias: string; title: string;
  /** ISO date yyyy-mm-dd */
  due: string | null;
  done: boolean; done_on: string | null;
  kind: "task" | "promise"; promised_to: string | null;
  owner: string | null; by: Who | null; dot: Dot;
};

export type TodayView = {
  /** ISO date of today where the person is */
  date: string;
  week: number;
  promises: TaskView[];
  tasks: TaskView[];
  silent: CaseRow[];
  all_cases: number;
};

export type MeetingView = {
  id: string; kind: MeetingKind; at: TimeMs; minutes: number; place: string | null; outcome: Outcome; by: Who; dot: Dot;
  /** the claimed clock was far from the server's */
  clock_doubt: boolean;
};

export type NoteSummary = {
  id: string; by: Who; at: TimeMs; changed_at: TimeMs; first_line: string; words: number; unfinished: boolean; mine: boolean;
  /** people who wrote in it */
  voices: string[]; dot: Dot;
};

export type StageEventView = { id: string; event: string; stage: Stage; on: string; by: Who; reason: string | null; dot: Dot };
export type OfferChangeView = { offer: OfferKind; from: OfferStatus; to: OfferStatus; at: TimeMs; by: Who; dot: Dot };

export type TimelineEntry =
  | ({ type: "meeting" } & MeetingView)
  | ({ type: "note" } & NoteSummary)
  | ({ type: "stage" } & StageEventView)
  | ({ type: "offer" } & OfferChangeView);

export type StepView = { id: string; title: string; owner: string | null; due: string | null; done: boolean; done_on: string | null };
export type OfferView = { kind: OfferKind; status: OfferStatus; steps: StepView[]; conflict: boolean };

export type ConflictValue = { value: string; who: string; at: TimeMs; device: string };
export type ConflictView = { id: string; case: string; field: string; values: ConflictValue[] };

export type BridgePier = { stage: Stage; state: "done" | "now" | "ahead" };

export type CaseView = {
  id: string; alias: string; programme: Programme; birth_year: number | null;
  stage: Stage; bridge: BridgePier[];
  days_since: number | null; last_contact_at: TimeMs | null; silent: boolean;
  next_task: TaskView | null;
  offers: OfferView[];
  tasks: TaskView[];
  timeline: TimelineEntry[];
  conflicts: ConflictView[];
  team: Who[];
  waiting_for_server: boolean;
};

export type NoteView = {
  id: string; case: string; alias: string;
  text: string;
  /** opaque: what the text was when it was read; sent back with the next write, so that nobody's concurrent words are lost */
  base: string;
  at: TimeMs; changed_at: TimeMs; by: Who; voices: string[]; unfinished: boolean; dot: Dot;
  /** passages written by others since this device last showed the note; positions are Unicode scalar values in `text` */
  others: { start: number; end: number; who: string; at: TimeMs }[];
};

export type MeetingDefaults = {
  at: TimeMs; minutes: number; place: string | null;
  /** minutes by kind for the six chips */
  minutes_by_kind: { kind: MeetingKind; minutes: number }[];
};

/** something that can be taken back for ten seconds */
export type Done = { id: string; undo: string };

export type SyncState = "all_sent" | "waiting" | "never" | "stale_72h" | "sending";
export type SyncLine = { state: SyncState; waiting: number; last_fetched_at: TimeMs | null };
export type SyncSheet = SyncLine & {
  last_sent_at: TimeMs | null;
  items: { kind: "meeting" | "note" | "task" | "offer" | "stage" | "case" | "profile"; case: string; alias: string; count: number }[];
  parked: number;
  refused: { code: string; count: number }[];
};

export type ErrorView = { code: string; /** seconds to wait, when the error says so */ wait_s: number | null };

export type Changed = { cases: string[]; sync: boolean; locked: boolean };
