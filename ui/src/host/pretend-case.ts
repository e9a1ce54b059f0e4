// The pretend host, one case further: offers, steps, tasks, history, search. Each act can be taken back once.
import type { Done, ErrorView, OfferKind, OfferView, SearchGroup, SearchHit, StepTemplate, TaskView } from "./bindings";
import type { Host } from "./host";
import type { World } from "./pretend";
import { iso, ME, who, type PretendCase } from "./pretend-data";
import { alsoFound, folded, parts } from "./pretend-search";

type Part = Pick<Host,
  | "setOfferStatus" | "addStep" | "setStepDone" | "removeStep" | "stepTemplates" | "addTask" | "setTaskDue" | "removeTask" | "setMeetingAt" | "removeMeeting" | "removeNote"
  | "history" | "search">;

const fail = (code: string): ErrorView => ({ code, wait_s: null });
const MOST = 50;

const usual = (offer: OfferKind, ...steps: [string, string, string][]): StepTemplate[] => steps.map(([key, da, en]) => ({ offer, key, da, en }));
const TEMPLATES: StepTemplate[] = [
  ...usual("relocation",
    ["address_status", "Adressebeskyttelse valgt", "Address protection chosen"], ["kind_of_home", "Boligtype valgt", "Kind of home chosen"], ["applied", "Bolig søgt", "Home applied for"],
    ["deposit", "Indskud eller lån søgt", "Deposit or loan applied for"], ["viewed", "Bolig set", "Home viewed"], ["taken_over", "Nøgler modtaget", "Keys received"],
    ["no_traces", "Flyttet uden spor: post, skilt, abonnementer, placering", "Moved without traces: post, name plate, subscriptions, location"], ["after_30_days", "Tjek efter 30 dage", "Check after 30 days"]),
  ...usual("financial_aid", ["overview", "Overblik over ind og ud", "Overview of money in and out"], ["debts", "Liste over gæld", "List of debts"], ["budget", "Budget lagt", "Budget made"]),
  ...usual("outside_contacts", ["map", "Netværkskort tegnet", "Network map drawn"], ["first", "Første kontakt", "First contact"], ["alone", "Kontakt uden mentor", "Contact without the mentor"]),
  ...usual("therapy", ["wish", "Ønsket udtrykt", "Wish expressed"], ["referral", "Læge eller henvisning", "Doctor or referral"], ["first_talk", "Første samtale", "First talk"]),
  ...usual("work_education", ["cv", "CV, hvor hullerne er forklaret", "CV with the gaps explained"], ["application", "Ansøgning sendt", "Application sent"], ["interview", "Samtale", "Interview"]),
];

/** the open task that comes first */
export function nextTask(c: PretendCase): TaskView | null {
  const open = c.tasks.filter((t) => !t.done);
  return open.toSorted((a, b) => (a.due ?? "9999").localeCompare(b.due ?? "9999"))[0] ?? null;
}

function offerOf(c: PretendCase, kind: OfferKind): OfferView {
  return c.offers.find((o) => o.kind === kind) ?? { kind, status: "not_assessed", steps: [], conflict: false };
}

function putOffer(c: PretendCase, offer: OfferView) {
  c.offers = [...c.offers.filter((o) => o.kind !== offer.kind), offer];
}

export function pretendCase(world: World): Part {
  const found = async (caseId: string) => {
    await world.turn();
    return world.find(caseId);
  };
  /** does an act now, and remembers how things were */
  function done(c: PretendCase, id: string, does: () => void, back: () => void): Done {
    const token = world.nextId("u");
    does();
    world.changed(c);
    world.undos.set(token, () => {
      back();
      world.changed(c);
    });
    return { id, undo: token };
  }
  const nothing = (id: string): Done => ({ id, undo: "" });
  const stepOf = (c: PretendCase, kind: OfferKind, id: string) => {
    const step = offerOf(c, kind).steps.find((s) => s.id === id);
    if (!step) throw fail("case.unknown_step");
    return step;
  };
  const taskOf = (c: PretendCase, id: string) => {
    const task = c.tasks.find((t) => t.id === id);
    if (!task) throw fail("case.unknown_task");
    return task;
  };
  const setTasks = (c: PretendCase, tasks: TaskView[]) => {
    c.tasks = tasks;
    c.next_task = nextTask(c);
  };

  return {
    setOfferStatus: async (caseId, kind, status) => {
      const c = await found(caseId);
      const before = offerOf(c, kind);
      if (before.status === status && !before.conflict) return nothing("");
      const disputed = c.conflicts;
      const set = (to: OfferView["status"]) => {
        const from = offerOf(c, kind).status;
        putOffer(c, { ...offerOf(c, kind), status: to, conflict: false });
        c.conflicts = c.conflicts.filter((x) => x.field !== `offer.${kind}.status`);
        c.timeline = [{ type: "offer", offer: kind, from, to, at: world.now(), by: who(ME), dot: "here" }, ...c.timeline];
        world.record(c, "offer.status", null, null, `${kind} ${from} ${to}`);
      };
      return done(c, kind, () => set(status), () => {
        set(before.status);
        if (before.conflict) {
          putOffer(c, { ...offerOf(c, kind), conflict: true });
          c.conflicts = disputed;
        }
      });
    },
    addStep: async (caseId, kind, title, _template, owner, due) => {
      const c = await found(caseId);
      if (title.trim() === "") throw fail("case.title_missing");
      const step = { id: world.nextId("s"), title: title.trim(), owner, due, done: false, done_on: null };
      return done(
        c, step.id,
        () => {
          putOffer(c, { ...offerOf(c, kind), steps: [...offerOf(c, kind).steps, step] });
          world.record(c, "step.add", step.id, step.title, kind);
        },
        () => {
          putOffer(c, { ...offerOf(c, kind), steps: offerOf(c, kind).steps.filter((s) => s.id !== step.id) });
          world.record(c, "step.remove", step.id, step.title);
        },
      );
    },
    setStepDone: async (caseId, kind, id, value) => {
      const c = await found(caseId);
      const before = stepOf(c, kind, id);
      if (before.done === value) return nothing(id);
      const set = (to: boolean, on: string | null) => {
        putOffer(c, { ...offerOf(c, kind), steps: offerOf(c, kind).steps.map((s) => (s.id === id ? { ...s, done: to, done_on: on } : s)) });
        world.record(c, to ? "step.done" : "step.open", id, before.title, kind);
      };
      return done(c, id, () => set(value, value ? iso(world.now()) : null), () => set(before.done, before.done_on));
    },
    removeStep: async (caseId, kind, id) => {
      const c = await found(caseId);
      const before = offerOf(c, kind).steps;
      const step = stepOf(c, kind, id);
      return done(
        c, id,
        () => {
          putOffer(c, { ...offerOf(c, kind), steps: before.filter((s) => s.id !== id) });
          world.record(c, "step.remove", id, step.title);
        },
        () => {
          putOffer(c, { ...offerOf(c, kind), steps: before });
          world.record(c, "step.restore", id, step.title);
        },
      );
    },
    stepTemplates: async () => {
      await world.turn();
      return TEMPLATES;
    },
    addTask: async (caseId, kind, title, due, owner, promisedTo) => {
      const c = await found(caseId);
      if (title.trim() === "") throw fail("case.title_missing");
      const task: TaskView = {
        id: world.nextId("t"), case: c.id, alias: c.alias, title: title.trim(), due, done: false, done_on: null, kind, promised_to: promisedTo, owner, by: who(ME), dot: "here",
      };
      return done(
        c, task.id,
        () => {
          setTasks(c, [...c.tasks, task]);
          world.record(c, "task.add", task.id, task.title, kind);
        },
        () => {
          setTasks(c, c.tasks.filter((t) => t.id !== task.id));
          world.record(c, "task.remove", task.id, task.title);
        },
      );
    },
    setTaskDue: async (caseId, id, due) => {
      const c = await found(caseId);
      const before = taskOf(c, id);
      if (before.due === due) return nothing(id);
      const set = (to: string | null) => {
        setTasks(c, c.tasks.map((t) => (t.id === id ? { ...t, due: to } : t)));
        world.record(c, "task.due", id, before.title);
      };
      return done(c, id, () => set(due), () => set(before.due));
    },
    removeTask: async (caseId, id) => {
      const c = await found(caseId);
      const task = taskOf(c, id);
      const before = c.tasks;
      return done(
        c, id,
        () => {
          setTasks(c, before.filter((t) => t.id !== id));
          world.record(c, "task.remove", id, task.title);
        },
        () => {
          setTasks(c, before);
          world.record(c, "task.restore", id, task.title);
        },
      );
    },
    setMeetingAt: async (caseId, id, at) => {
      const c = await found(caseId);
      const entry = c.timeline.find((e) => e.type === "meeting" && e.id === id);
      if (entry?.type !== "meeting") throw fail("case.unknown_meeting");
      const before = c.timeline;
      const { time_unknown: _, clock_ahead: __, ...known } = entry;
      return done(
        c, id,
        () => {
          c.timeline = before.map((e) => (e === entry ? { ...known, at, clock_doubt: false } : e));
          world.record(c, "meeting.at", id, entry.kind);
        },
        () => {
          c.timeline = before;
          world.record(c, "meeting.at", id, entry.kind);
        },
      );
    },
    removeMeeting: async (caseId, id) => {
      const c = await found(caseId);
      const entry = c.timeline.find((e) => e.type === "meeting" && e.id === id);
      if (entry?.type !== "meeting") throw fail("case.unknown_meeting");
      const before = { timeline: c.timeline, days_since: c.days_since };
      return done(
        c, id,
        () => {
          c.timeline = before.timeline.filter((e) => e !== entry);
          world.record(c, "meeting.remove", id, entry.kind);
        },
        () => {
          Object.assign(c, before);
          world.record(c, "meeting.restore", id, entry.kind);
        },
      );
    },
    removeNote: async (caseId, id) => {
      const c = await found(caseId);
      const note = world.findNote(c, id);
      const before = { timeline: c.timeline, notes: c.notes };
      return done(
        c, id,
        () => {
          c.notes = before.notes.filter((n) => n !== note);
          c.timeline = before.timeline.filter((e) => e.type !== "note" || e.id !== id);
          world.record(c, "note.remove", id, null);
        },
        () => {
          Object.assign(c, before);
          world.record(c, "note.restore", id, note.text.split("\n")[0] ?? null);
        },
      );
    },
    history: async (caseId) => (await found(caseId)).history,
    search: async (text) => {
      await world.turn();
      const wanted = folded(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
      if (wanted.length === 0) return { also: [], groups: [], more: false };
      const groups: SearchGroup[] = [];
      const also = new Set<string>();
      let left = MOST;
      for (const c of world.cases()) {
        const hits: SearchHit[] = [];
        const look = (kind: SearchHit["kind"], id: string, at: number | null, by: string | null, said: string) => {
          const cut = parts(said, wanted);
          if (!cut || left === 0) return;
          left -= 1;
          for (const word of alsoFound(said, text, wanted)) also.add(word);
          hits.push({ kind, id, at, by, parts: cut });
        };
        look("profile", c.id, null, null, c.alias);
        for (const n of c.notes) look("note", n.id, n.at, n.by.name, n.text);
        for (const e of c.timeline) if (e.type === "meeting" && e.place) look("meeting", e.id, e.at, e.by.name, e.place);
        for (const o of c.offers) for (const s of o.steps) look("offer", s.id, null, null, s.title);
        for (const t of c.tasks) look("task", t.id, t.due ? new Date(`${t.due}T12:00`).getTime() : null, t.by?.name ?? null, t.title);
        if (hits.length) groups.push({ case: c.id, alias: c.alias, hits });
      }
      return { also: [...also].slice(0, 3), groups, more: left === 0 };
    },
  };
}
