// Eight invented people for the pretend host. Every name, place and event is made up.
import type { BridgePier, CaseView, Dot, HistoryView, MeetingKind, NoteView, OfferKind, OfferStatus, OfferView, Pier, Programme, Stage, StepView, TaskView, TimelineEntry, Who } from "./bindings";

export type PretendNote = NoteView & { mine: boolean };
/** `history` is newest first */
export type PretendCase = Omit<CaseView, "appointments"> & { notes: PretendNote[]; history: HistoryView[] };

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PIERS: Pier[] = ["inquiry", "screening", "agreement", "course", "follow_up"];
const STAGES: Stage[] = ["inquiry", "screening", "screening", "course_active", "follow_up"];

export const ME = "Åse Lund";
export const who = (name: string): Who => ({ member: name, name, device: name === ME ? "telefon" : "bord-pc" });

export const iso = (at: number) => {
  const d = new Date(at);
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`;
};

/** `days` ago at a clock time */
function ago(now: number, days: number, clock: string): number {
  const [h = 0, m = 0] = clock.split(".").map(Number);
  return new Date(now - days * DAY).setHours(h, m, 0, 0);
}

const DAYS = ["2026-03-03", "2026-03-17", "2026-08-21", null, null];
const bridge = (pier: number): BridgePier[] =>
  PIERS.map((name, i) => ({ pier: name, state: i + 1 < pier ? "done" : i + 1 === pier ? "now" : "ahead", on: i + 1 <= pier ? (DAYS[i] ?? null) : null }));

function meeting(id: string, kind: MeetingKind, at: number, minutes: number, dot: Dot, place: string | null = null, by = ME): TimelineEntry {
  return { type: "meeting", id, kind, at, minutes, place, outcome: "took_place", zone: null, said: null, by: who(by), dot, clock_doubt: false };
}

function note(c: { id: string; alias: string }, id: string, text: string, at: number, dot: Dot, by = ME, unfinished = false): PretendNote {
  return { id, case: c.id, alias: c.alias, text, base: "0", at, changed_at: at, by: who(by), voices: [by], unfinished, dot, others: [], mine: by === ME };
}

export function summary(n: PretendNote): Extract<TimelineEntry, { type: "note" }> {
  const first = n.text.split("\n")[0] ?? "";
  return {
    type: "note", id: n.id, by: n.by, at: n.at, changed_at: n.changed_at, first_line: first,
    words: n.text.split(/\s+/).filter(Boolean).length, unfinished: n.unfinished, mine: n.mine, voices: n.voices, dot: n.dot,
  };
}

function task(c: { id: string; alias: string }, id: string, title: string, due: number | null, kind: "task" | "promise"): TaskView {
  return { id, case: c.id, alias: c.alias, title, due: due === null ? null : iso(due), done: false, done_on: null, kind, promised_to: kind === "promise" ? c.alias : null, owner: ME, by: who(ME), dot: "here" };
}

type Sketch = { id: string; alias: string; pier: number; days: number; next: [string, number] | null; team?: string[]; born?: number };

const SKETCHES: Sketch[] = [
  { id: "c1", alias: "Falken", pier: 4, days: 3, next: ["Fodbold sammen", 0], team: ["Mikkel"], born: 1999 },
  { id: "c2", alias: "Lille Åge", pier: 4, days: 1, next: ["Ringe om lejligheden", 1] },
  { id: "c3", alias: "B.", pier: 2, days: 8, next: ["Spørge til samtalen", -1] },
  { id: "c4", alias: "Ø", pier: 5, days: 4, next: ["Følges ad til møde", 0] },
  { id: "c5", alias: "Øzgür", pier: 4, days: 6, next: ["Skolen ringer", 2], team: ["Mikkel", "Hanne"] },
  { id: "c6", alias: "🦊", pier: 4, days: 2, next: ["Underskrift", 2] },
  { id: "c7", alias: "مـ", pier: 1, days: 5, next: ["Første kaffe", 3] },
  { id: "c8", alias: "Kastanje", pier: 4, days: 16, next: null },
];

function sketched(s: Sketch, now: number): PretendCase {
  const next = s.next ? task(s, `${s.id}-next`, s.next[0], now + s.next[1] * DAY, "task") : null;
  const last = ago(now, s.days, "16.00");
  return {
    id: s.id, alias: s.alias, programme: "municipal", birth_year: s.born ?? null, stage: STAGES[s.pier - 1] ?? "inquiry", bridge: bridge(s.pier),
    days_since: s.days, last_contact_at: last, silent: s.days >= 14, next_task: next, offers: [], tasks: next ? [next] : [],
    timeline: [meeting(`${s.id}-m`, s.id === "c8" ? "message" : "meeting", last, s.id === "c8" ? 0 : 60, "coordinator")],
    conflicts: [], team: [who(ME), ...(s.team ?? []).map(who)], waiting_for_server: false, notes: [],
    history: [past(last, ME, "meeting.log", s.id === "c8" ? "message" : "meeting", s.id === "c8" ? "message" : "meeting", `${s.id}-m`)],
  };
}

/** somebody of whom nothing but the name is known yet */
export function newPretendCase(id: string, alias: string, programme: Programme, born: number | null, now: number): PretendCase {
  return {
    id, alias, programme, birth_year: born, stage: "inquiry", bridge: bridge(1).map((p) => (p.state === "now" ? { ...p, on: iso(now) } : p)), days_since: null, last_contact_at: null, silent: false,
    next_task: null, offers: [], tasks: [], timeline: [{ type: "stage", id: `${id}-s`, event: "inquiry_received", stage: "inquiry", on: iso(now), by: who(ME), reason: null, dot: "here" }],
    conflicts: [], team: [who(ME)], waiting_for_server: true, notes: [], history: [],
  };
}

function past(at: number, name: string | null, act: string, detail = "", title: string | null = null, item: string | null = null, more: Partial<HistoryView> = {}): HistoryView {
  return { at, by: name === null ? null : who(name), act, item, detail, changes: 1, title, clock_doubt: false, disputed: false, ...more };
}

const step = (id: string, title: string, owner: string | null, due: string | null, done_on: string | null): StepView => ({ id, title, owner, due, done: done_on !== null, done_on });
const offer = (kind: OfferKind, status: OfferStatus, steps: StepView[] = [], conflict = false): OfferView => ({ kind, status, steps, conflict });

function falkensOffers(now: number): OfferView[] {
  return [
    offer("relocation", "running", [
      step("s1", "Adressebeskyttelse valgt", "coordinator", null, iso(now - 83 * DAY)),
      step("s2", "Bolig søgt", ME, null, iso(now - 41 * DAY)),
      step("s3", "Indskud eller lån søgt", "candidate", iso(now + 3 * DAY), null),
      step("s4", "Overtaget: nøgle og måleraflæsning", null, null, null),
    ]),
    offer("financial_aid", "running"),
    offer("outside_contacts", "running"),
    offer("authority_cooperation", "accepted"),
    offer("family_reconnection", "done"),
    offer("social_activities", "running"),
    offer("therapy", "waiting"),
    offer("substance_treatment", "no_need"),
    offer("work_education", "offered"),
  ];
}

function falkensHistory(now: number): HistoryView[] {
  const kept = "Han sagde, at nøglen kommer på fredag, hvis indskuddet er betalt.";
  return [
    past(ago(now, 0, "8.12"), ME, "task.add", "promise", "At ringe til boligselskabet", "t1"),
    past(ago(now, 1, "22.51"), ME, "note.write", "", kept, "n1", { changes: 4 }),
    past(ago(now, 1, "22.49"), ME, "note.add", "", kept, "n1"),
    past(ago(now, 3, "22.52"), ME, "meeting.log", "phone", "phone", "f-m1"),
    past(ago(now, 5, "18.44"), "Mikkel", "note.finish", "", "”Lejligheden er god. Han vil selv male køkkenet.”", "n2"),
    past(ago(now, 5, "18.30"), "Mikkel", "note.add", "", "”Lejligheden er god. Han vil selv male køkkenet.”", "n2"),
    past(ago(now, 7, "18.00"), ME, "meeting.log", "activity", "activity", "f-m2", { clock_doubt: true }),
    past(ago(now, 12, "11.04"), "Hanne", "step.add", "relocation", "Indskud eller lån søgt", "s3"),
    past(ago(now, 12, "11.00"), "Hanne", "offer.status", "relocation offered running"),
    past(ago(now, 41, "15.20"), ME, "step.done", "relocation", "Bolig søgt", "s2", { disputed: true }),
    past(ago(now, 60, "9.00"), null, "unknown"),
    past(ago(now, 95, "10.00"), "Hanne", "stage.event", "agreement_signed", null, "f-s1"),
    past(ago(now, 266, "10.00"), "Hanne", "profile.set"),
  ];
}

/** two people who chose the same alias; one case without a meeting; one with very many; clocks that were wrong, and a sentence two wrote */
export function strangeWorld(all: PretendCase[], world: string, now: number): void {
  const [falken, second, third] = all;
  if (!falken || !second || !third) return;
  if (world === "namesakes") {
    third.alias = falken.alias;
    third.notes = [note(third, "b-n1", "Han ledte efter nøglen til kælderen.", ago(now, 8, "16.30"), "coordinator")];
    third.timeline = [...third.notes.map(summary), ...third.timeline];
    for (const t of third.tasks) t.alias = third.alias;
  }
  if (world === "clocks") {
    const [reset, ahead, behind] = [meeting("k-m1", "phone", 5 * 3_600_000, 10, "server"), meeting("k-m2", "meeting", now + 3 * DAY, 60, "server", null, "Mikkel"), meeting("k-m3", "meeting", now - 732 * DAY, 60, "server")];
    if (reset.type === "meeting") Object.assign(reset, { clock_doubt: true, time_unknown: true });
    Object.assign(ahead, { clock_doubt: true, clock_ahead: 3 * DAY });
    Object.assign(behind, { clock_doubt: true, clock_ahead: -730 * DAY });
    const [, shared] = falken.notes;
    if (shared) {
      const said = "Nøglen får han ";
      const text = `${said}lørdagmandag.`;
      const version = (day: string, by: string, hours: number) => ({ text: `${said}${day}.`, who: by, device: "telefon", at: now - hours * 3_600_000 });
      Object.assign(shared, { text, changed_at: now - 3 * 3_600_000, voices: [ME, "Mikkel"], both: [{ start: 0, end: text.length, versions: [version("lørdag", ME, 5), version("mandag", "Mikkel", 3)] }] });
    }
    falken.timeline = [reset, ahead, behind, ...falken.notes.slice(1).map(summary)];
  }
  if (world === "0") Object.assign(second, { timeline: [], days_since: null, last_contact_at: null, history: [], tasks: [], next_task: null });
  const many = Number(world);
  if (many > 0) falken.timeline = Array.from({ length: many }, (_, i) => meeting(`many${i}`, i % 3 ? "meeting" : "phone", now - (i + 1) * DAY, 60, "coordinator", `Sted ${i + 1}`));
}

export function pretendCases(now: number): PretendCase[] {
  const all = SKETCHES.map((s) => sketched(s, now));
  const [falken, , b, , ozgur] = all;
  if (!falken || !b || !ozgur) return all;

  falken.notes = [
    note(falken, "n1", "Han sagde, at nøglen kommer på fredag, hvis indskuddet er betalt.", ago(now, 1, "22.51"), "here", ME, true),
    note(falken, "n2", "”Lejligheden er god. Han vil selv male køkkenet.” Storebror hjælper med bilen.\nDe mødes lørdag.", ago(now, 5, "18.30"), "coordinator", "Mikkel"),
    note(falken, "n3", "Anden gang til træning. Træneren spurgte, om han vil stå for boldene.", ago(now, 7, "18.10"), "server"),
  ];
  falken.offers = falkensOffers(now);
  falken.history = falkensHistory(now);
  falken.timeline = [
    meeting("f-m1", "phone", ago(now, 3, "22.10"), 40, "here"),
    ...falken.notes.slice(1).map(summary),
    meeting("f-m2", "activity", ago(now, 7, "16.00"), 105, "server", "Idrætshallen"),
    { type: "offer", offer: "relocation", from: "offered", to: "running", at: ago(now, 12, "11.00"), by: who("Hanne"), dot: "coordinator" },
    { type: "stage", id: "f-s1", event: "agreement_signed", stage: "course_active", on: iso(now - 95 * DAY), by: who("Hanne"), reason: null, dot: "coordinator" },
  ];
  falken.tasks.push(task(falken, "t1", "At ringe til boligselskabet", now, "promise"));
  ozgur.tasks.push(task(ozgur, "t2", "At finde lægens telefontid", now + 3 * DAY, "promise"));
  b.offers = [offer("therapy", "offered", [], true), offer("work_education", "need")];
  b.conflicts = [
    {
      id: "x2", case: b.id, field: "offer.therapy.status",
      values: [
        { value: "running", who: ME, at: ago(now, 2, "10.12"), device: "telefon" },
        { value: "offered", who: "Mikkel", at: ago(now, 2, "14.40"), device: "bord-pc" },
      ],
    },
    {
      id: "x1", case: b.id, field: `task.${b.id}-next.due`,
      values: [
        { value: iso(now + 2 * DAY), who: ME, at: ago(now, 1, "9.12"), device: "telefon" },
        { value: iso(now + 13 * DAY), who: "Mikkel", at: ago(now, 1, "9.40"), device: "bord-pc" },
      ],
    },
  ];
  return all;
}
