// A host in memory, for unit tests, screenshots and `npm run dev`. It keeps promises loosely: what matters is the shapes.
// The page's address may say how the world is: ?phase=fresh&secret=passphrase&sync=stale_72h&fail=vault.full&cases=0&slow=800&tries=8
import type { AppState, CaseRow, Changed, ErrorView, Lang, MeetingKind, NoteView, Role, SecretKind, SyncLine, SyncState, TimelineEntry } from "./bindings";
import type { Host } from "./host";
import { pretendAddress } from "./pretend-address";
import { pretendAppointment } from "./pretend-appointment";
import { nextTask, pretendCase } from "./pretend-case";
import { pretendDesk } from "./pretend-desk";
import { pretendDevice, REQUEST } from "./pretend-device";
import { pretendEnding } from "./pretend-ending";
import { pretendPeople, SPOKEN } from "./pretend-people";
import { iso, ME, pretendCases, strangeWorld, summary, who, type PretendCase, type PretendNote } from "./pretend-data";

const DAY = 86_400_000;
const PIN = "123456";
const PASSPHRASE = "bænk under eg ved åen";
const MINUTES: [MeetingKind, number][] = [["meeting", 60], ["prison_visit", 90], ["phone", 15], ["message", 0], ["no_show", 0], ["other", 30]];

type Wishes = {
  phase?: string | null; secret?: string | null; sync?: string | null; fail?: string | null; cases?: string | null; slow?: string | null; lang?: string | null; fox?: string | null;
  role?: string | null; conflicts?: string | null; settings?: string | null; readonly?: string | null; restored?: string | null; endings?: string | null; world?: string | null; tries?: string | null; ended?: string | null;
  people?: string | null; asks?: string | null; seconds?: string | null; handed?: string | null; net?: string | null;
  address?: string | null; agreed?: string | null;
};

/** how much of the world a test may turn from outside */
export type Pretend = Host & {
  othersWrite(note: string, words: string): void;
  failWith(code: string | null): void;
  waitBefore(ms: number): void;
  setSync(state: SyncState): void;
  meetings(caseId: string): TimelineEntry[];
  noteText(id: string): string | null;
  /** a coordinator has let this device in */
  admit(): void;
};

/** what the parts of this host share */
export type World = {
  now(): number;
  cases(): PretendCase[];
  find(id: string): PretendCase;
  findNote(c: PretendCase, id: string): PretendNote;
  /** waits and fails as a test asked, and refuses while locked */
  turn(): Promise<void>;
  changed(c: PretendCase): void;
  /** writes an act into the history, as the device does with every change */
  record(c: PretendCase, act: string, item: string | null, title: string | null, detail?: string): void;
  undos: Map<string, () => void>;
  nextId(letter: string): string;
  tell(changed: Partial<Changed>): void;
  state(): AppState;
  setPhase(next: AppState["phase"]): void;
  phase(): AppState["phase"];
  /** waits and fails as a test asked, also while locked */
  trouble(): Promise<void>;
  /** throws as the device does at a secret that does not match, and is a new device after the tenth */
  tryOut(kind: SecretKind, secret: string): void;
  wishes: Wishes;
  /** what the first run made of the device */
  made: { pin: string | null; passphrase: string; person: string; role: Role; request: string | null };
};

const fail = (code: string, wait_s: number | null = null): ErrorView => ({ code, wait_s });
const rest = (ms: number) => new Promise<void>((go) => setTimeout(go, ms));

function isoWeek(at: number): number {
  const d = new Date(new Date(at).setHours(12, 0, 0, 0));
  d.setDate(d.getDate() + 4 - (d.getDay() || 7));
  return Math.ceil(((d.getTime() - new Date(d.getFullYear(), 0, 1, 12).getTime()) / DAY + 1) / 7);
}

function row(c: PretendCase): CaseRow {
  const pier = c.bridge.findIndex((p) => p.state === "now") + 1;
  return {
    id: c.id, alias: c.alias, stage: c.stage, pier, piers: c.bridge.length, days_since: c.days_since, last_contact_at: c.last_contact_at, silent: c.silent,
    open_promises: c.tasks.filter((t) => t.kind === "promise" && !t.done).length, next_task: c.next_task && { title: c.next_task.title, due: c.next_task.due },
    unfinished_notes: c.notes.filter((n) => n.unfinished).length, conflicts: c.conflicts.length, waiting_for_server: c.waiting_for_server,
  };
}

export function pretendWorld(wishes: Wishes = {}): Pretend {
  const now = () => Date.now();
  const listeners = new Set<(changed: Changed) => void>();
  const cases = pretendCases(now()).slice(0, Number(wishes.cases ?? 8));
  for (const c of cases) if (wishes.fox && c.alias === "🦊") c.alias = wishes.fox;
  if (wishes.world) strangeWorld(cases, wishes.world, now());
  const undos = new Map<string, () => void>();
  let phase = (wishes.phase ?? "locked") as AppState["phase"];
  let failing = wishes.fail ?? null;
  let pause = Number(wishes.slow ?? 0);
  let sync = (wishes.sync ?? "waiting") as SyncState;
  let waiting = 3;
  let wrong = Number(wishes.tries ?? 0);
  let lang = (wishes.lang ?? "da") as Lang;
  let serial = 100;
  const made: World["made"] = { pin: PIN, passphrase: PASSPHRASE, person: ME, role: "mentor", request: phase === "waiting" ? REQUEST : null };

  const tell = (changed: Partial<Changed>) => {
    for (const listener of listeners) listener({ cases: [], sync: false, locked: false, ...changed });
  };
  const state = (): AppState => ({
    phase, secret: wishes.secret === "passphrase" || made.pin === null ? "passphrase" : "pin", synthetic: true, wait_s: 0,
    me: phase === "unlocked" ? { name: made.person, role: (wishes.role ?? made.role) as Role, device: "telefon" } : null,
    request: phase === "waiting" ? made.request : null, ...(phase === "waiting" && made.request ? { request_words: SPOKEN } : {}), read_only: phase === "unlocked" && ("readonly" in wishes || "restored" in wishes), ...(phase === "unlocked" && "restored" in wishes ? { restored: true } : {}),
    ...({ lang } as object), ...(phase === "fresh" && wishes.ended ? { ended: wishes.ended } : {}),
  });
  const tried = () => ({ wait_s: wrong < 4 ? 0 : Math.min(30 * 2 ** (wrong - 4), 900), ...(wrong < 8 ? {} : { left: 10 - wrong }) });
  const find = (id: string): PretendCase => {
    if (phase !== "unlocked") throw fail("vault.locked");
    const found = cases.find((c) => c.id === id);
    if (!found) throw fail("case.unknown_case");
    return found;
  };
  const findNote = (c: PretendCase, id: string): PretendNote => {
    const found = c.notes.find((n) => n.id === id);
    if (!found) throw fail("case.unknown_note");
    return found;
  };
  const trouble = async () => {
    if (pause) await rest(pause);
    if (failing) throw fail(failing);
  };
  const turn = async () => {
    await trouble();
    if (phase !== "unlocked") throw fail("vault.locked");
  };
  const changed = (c: PretendCase) => {
    waiting += 1;
    if (sync === "all_sent") sync = "waiting";
    tell({ cases: [c.id], sync: true });
  };
  const record: World["record"] = (c, act, item, title, detail = "") => {
    c.history = [{ at: now(), by: who(ME), act, item, detail, changes: 1, title, clock_doubt: false, disputed: false }, ...c.history];
  };
  const tryOut: World["tryOut"] = (kind, secret) => {
    if (secret === (kind === "pin" ? made.pin : made.passphrase)) return void (wrong = 0);
    wrong += 1;
    if (wrong < 10) throw { code: "vault.wrong_secret", ...tried() };
    wrong = 0;
    phase = "fresh";
    cases.splice(0);
    throw fail("vault.wrong_secret");
  };
  const line = (): SyncLine => ({
    state: sync, waiting: sync === "all_sent" || sync === "never" || sync === "stale_72h" || sync === "unheard" ? 0 : waiting,
    last_fetched_at: sync === "never" ? null : sync === "stale_72h" ? now() - 3 * DAY + 88 * 60_000 : now() - 84 * 60_000,
  });
  const view = (n: PretendNote): NoteView => ({ ...n });

  const world: World = {
    now, cases: () => cases, find, findNote, turn, changed, record, undos, nextId: (letter) => `${letter}${serial++}`, tell, state,
    setPhase: (next) => (phase = next), phase: () => phase, trouble, tryOut, wishes, made,
  };

  const { open: agreed, of: agreedWith, ...diary } = pretendAppointment(world);

  return {
    ...diary, ...pretendAddress(world), ...pretendCase(world), ...pretendDesk(world), ...pretendDevice(world), ...pretendPeople(world), ...pretendEnding(world),
    appState: async () => state(),
    unlock: async (kind, secret) => {
      tryOut(kind, secret);
      phase = made.request === null ? "unlocked" : "waiting";
      return state();
    },
    lock: async () => {
      phase = "locked";
    },
    today: async () => {
      await turn();
      const tasks = cases.flatMap((c) => c.tasks).filter((t) => !t.done);
      return {
        date: iso(now()), week: isoWeek(now()), appointments: agreed(), promises: tasks.filter((t) => t.kind === "promise"),
        tasks: tasks.filter((t) => t.kind === "task" && t.due !== null && t.due <= iso(now())), silent: cases.filter((c) => c.silent).map(row), all_cases: cases.length,
      };
    },
    cases: async () => {
      await turn();
      return cases.map(row);
    },
    caseView: async (id) => {
      await turn();
      const c = find(id);
      const unfinished = c.notes.filter((n) => n.unfinished).map(summary);
      return { ...c, appointments: agreedWith(id), offers: [...c.offers], tasks: c.tasks.toSorted((a, b) => Number(a.done) - Number(b.done)), timeline: [...unfinished, ...c.timeline] };
    },
    meetingDefaults: async (id) => {
      await turn();
      const at = Math.floor(now() / 300_000) * 300_000 - 60 * 60_000;
      return { at, minutes: 60, place: find(id).id === "c1" ? "Biblioteket" : null, minutes_by_kind: MINUTES.map(([kind, minutes]) => ({ kind, minutes })) };
    },
    logMeeting: async (id, kind, at, minutes, place) => {
      await turn();
      const c = find(id);
      const before = { timeline: c.timeline, days_since: c.days_since, silent: c.silent };
      const entry: TimelineEntry = {
        type: "meeting", id: `m${serial++}`, kind, at: at ?? now() - 3_600_000, minutes: minutes ?? 60, place, outcome: kind === "no_show" ? "not" : "took_place", zone: null, said: null,
        by: { member: ME, name: ME, device: "telefon" }, dot: "here", clock_doubt: false,
      };
      c.timeline = [entry, ...c.timeline];
      if (kind !== "no_show") Object.assign(c, { days_since: 0, silent: false });
      record(c, "meeting.log", entry.id, kind, kind);
      changed(c);
      undos.set(entry.id, () => {
        Object.assign(c, before);
        record(c, "meeting.remove", entry.id, kind);
        changed(c);
      });
      return { id: entry.id, undo: entry.id };
    },
    undo: async (token) => {
      await turn();
      undos.get(token)?.();
      undos.delete(token);
    },
    setTaskDone: async (caseId, task, done) => {
      await turn();
      const c = find(caseId);
      const set = (value: boolean) => {
        c.tasks = c.tasks.map((t) => (t.id === task ? { ...t, done: value, done_on: value ? iso(now()) : null } : t));
        c.next_task = nextTask(c);
        record(c, value ? "task.done" : "task.open", task, c.tasks.find((t) => t.id === task)?.title ?? null);
        changed(c);
      };
      set(done);
      undos.set(task, () => set(!done));
      return { id: task, undo: task };
    },
    noteOpen: async (caseId, id) => {
      await turn();
      return view(findNote(find(caseId), id));
    },
    noteWrite: async (caseId, id, text, base) => {
      await turn();
      const c = find(caseId);
      if (id === null) {
        const fresh: PretendNote = {
          id: `n${serial++}`, case: c.id, alias: c.alias, text, base: "1", at: now(), changed_at: now(), by: { member: ME, name: ME, device: "telefon" },
          voices: [ME], unfinished: true, dot: "here", others: [], mine: true,
        };
        c.notes = [fresh, ...c.notes];
        record(c, "note.add", fresh.id, summary(fresh).first_line);
        changed(c);
        return view(fresh);
      }
      const n = findNote(c, id);
      const theirs = base !== n.base ? (/\n\n[^\n]*$/.exec(n.text)?.[0] ?? "") : "";
      Object.assign(n, { text: text.endsWith(theirs) ? text : text + theirs, base: String(serial++), changed_at: now(), dot: "here", others: [] });
      changed(c);
      return view(n);
    },
    noteFinish: async (caseId, id, finished) => {
      await turn();
      const c = find(caseId);
      const n = findNote(c, id);
      n.unfinished = !finished;
      if (finished && !c.timeline.some((e) => e.type === "note" && e.id === id)) c.timeline = [summary(n), ...c.timeline];
      changed(c);
      return view(n);
    },
    syncLine: async () => line(),
    syncSheet: async () => {
      await turn();
      const items = line().waiting === 0 ? [] : [
        { kind: "meeting" as const, case: "c1", alias: "Falken", count: Math.max(1, waiting - 1) },
        { kind: "note" as const, case: "c1", alias: "Falken", count: 1 },
      ];
      return { ...line(), last_sent_at: sync === "never" ? null : now() - 84 * 60_000, items, decided: 0, parked: 0, aside: [], refused: [] };
    },
    syncNow: async () => {
      await trouble();
      sync = "sending";
      tell({ sync: true });
      await rest(600);
      waiting = 0;
      sync = "all_sent";
      tell({ sync: true });
      return line();
    },
    setLang: async (next) => {
      lang = next;
    },
    onChanged: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    othersWrite: (id, words) => {
      for (const c of cases) {
        const n = c.notes.find((x) => x.id === id);
        if (!n) continue;
        const start = [...n.text].length + 2;
        n.text += `\n\n${words}`;
        n.base = String(serial++);
        n.voices = [...new Set([...n.voices, "Mikkel"])];
        n.others = [{ start, end: start + [...words].length, who: "Mikkel", at: now() - 104 * 60_000 }];
        tell({ cases: [c.id], sync: true });
      }
    },
    failWith: (code) => {
      failing = code;
    },
    waitBefore: (ms) => {
      pause = ms;
    },
    setSync: (next) => {
      sync = next;
      tell({ sync: true });
    },
    meetings: (id) => cases.find((c) => c.id === id)?.timeline.filter((e) => e.type === "meeting") ?? [],
    admit: () => {
      made.request = null;
      if (phase === "waiting") phase = "unlocked";
      tell({ sync: true });
    },
    noteText: (id) => cases.flatMap((c) => c.notes).find((n) => n.id === id)?.text ?? null,
  };
}

export function pretendHost(): Host {
  const world = pretendWorld(Object.fromEntries(new URLSearchParams(location.search)));
  Object.assign(globalThis, { pretend: world });
  return world;
}
