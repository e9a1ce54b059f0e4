// The pretend host's wide screen: conflicts of all cases, a new case. ?conflicts=9 asks for more of them, one of each kind first; ?role=coordinator
import type { ConflictCard, ConflictView, OfferKind, OfferStatus, OfferView, Programme, Stage } from "./bindings";
import type { Host } from "./host";
import type { World } from "./pretend";
import { iso, ME, newPretendCase, type PretendCase } from "./pretend-data";

type Part = Pick<Host, "conflicts" | "resolve" | "newCase">;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const OFFERS: OfferKind[] = [
  "relocation", "financial_aid", "outside_contacts", "authority_cooperation", "family_reconnection", "social_activities", "therapy", "substance_treatment", "work_education", "other",
];
const LADDER: OfferStatus[] = ["not_assessed", "no_need", "need", "offered", "accepted", "declined", "waiting", "running", "done", "stopped"];
const PLACED: Partial<Record<OfferKind, OfferStatus>> = { relocation: "running", outside_contacts: "running", authority_cooperation: "accepted", family_reconnection: "done", social_activities: "running", therapy: "waiting", substance_treatment: "no_need", work_education: "offered" };

const last = (field: string) => field.split(".").at(-1) ?? field;
const offersOf = (c: PretendCase): OfferView[] =>
  OFFERS.map((kind) => ({ kind, status: (c.id === "c1" ? PLACED[kind] : kind === "relocation" ? "need" : undefined) ?? "not_assessed", steps: [], conflict: false }));

/** what applies until somebody chooses, as the device has it */
function applies(field: string, values: string[]): { applies: string | null; rule: string } {
  switch (last(field)) {
    case "status":
      return { applies: values.toSorted((a, b) => LADDER.indexOf(a as OfferStatus) - LADDER.indexOf(b as OfferStatus))[0] ?? null, rule: "lower_rung" };
    case "due":
      return { applies: values.filter(Boolean).toSorted()[0] ?? null, rule: "earliest_due" };
    case "done":
      return { applies: values.find((v) => v !== "") ?? null, rule: "done_stays" };
    case "stage":
      return { applies: null, rule: "nothing" };
    default:
      return { applies: values[0] ?? null, rule: "latest" };
  }
}

/** writes a value where a field is kept */
function put(c: PretendCase, field: string, value: string) {
  const [place, id, , step] = field.split(".");
  if (place === "profile" && id === "alias") c.alias = value;
  if (place === "profile" && id === "programme") c.programme = value as Programme;
  if (place === "profile" && id === "birth_year") c.birth_year = value ? Number(value) : null;
  if (field === "stage") c.stage = value as Stage;
  const change = last(field) === "due" ? { due: value || null } : { done: value !== "", done_on: value || null };
  if (place === "task") {
    c.tasks = c.tasks.map((t) => (t.id === id ? { ...t, ...change } : t));
    c.next_task = c.tasks.find((t) => t.id === c.next_task?.id && !t.done) ?? c.tasks.find((t) => !t.done) ?? null;
  }
  if (place === "offer" && step) c.offers = c.offers.map((o) => (o.kind === id ? { ...o, steps: o.steps.map((s) => (s.id === step ? { ...s, ...change } : s)) } : o));
  else if (place === "offer") c.offers = c.offers.map((o) => (o.kind === id ? { ...o, status: value as OfferStatus } : o));
}

type Sketch = { of: string; field: string; hours: number; values: [string, string][] };

function sketches(now: number): Sketch[] {
  const on = (days: number) => iso(now + days * DAY);
  return [
    { of: "c5", field: "profile.alias", hours: 29, values: [["Øzgür", ME], ["Ørnen", "Hanne"]] },
    { of: "c4", field: "stage", hours: 51, values: [["completed", ME], ["broken_off", "Hanne"]] },
    { of: "c2", field: "task.c2-next.done", hours: 2, values: [["", ME], [on(-1), "Mikkel"]] },
    { of: "c6", field: "task.c6-next.due", hours: 75, values: [[on(2), ME], [on(14), "Mikkel"], ["", "Hanne"]] },
    { of: "c1", field: "offer.therapy.status", hours: 5, values: [["running", "Mikkel"], ["offered", ME]] },
    { of: "c1", field: "profile.birth_year", hours: 100, values: [["1999", ME], ["1998", "Hanne"]] },
    { of: "c7", field: "profile.programme", hours: 124, values: [["municipal", ME], ["prison", "Hanne"]] },
  ];
}

function disagree(world: World, c: PretendCase, { field, hours, values }: Sketch) {
  const at = world.now() - hours * HOUR;
  const view: ConflictView = {
    id: world.nextId("x"), case: c.id, field,
    values: values.map(([value, who], i) => ({ value, who, at: at - (values.length - 1 - i) * 37 * 60_000, device: who === ME ? "telefon" : "bord-pc" })),
  };
  put(c, field, applies(field, values.map(([value]) => value)).applies ?? "");
  if (field === "stage") c.stage = "unresolved_end";
  const [place, id] = field.split(".");
  if (place === "offer") c.offers = c.offers.map((o) => (o.kind === id ? { ...o, conflict: true } : o));
  c.conflicts = [...c.conflicts, view];
}

/** as many as are asked for: after one of each kind, more and more dates */
function seed(world: World, wanted: number) {
  const cases = world.cases();
  const all = sketches(world.now());
  for (let n = 0; all.length < wanted - 1 && cases.length > 0; n++) {
    const c = cases[n % cases.length];
    if (!c) return;
    const id = `mange-${n}`;
    const on = (days: number) => iso(world.now() + days * DAY);
    c.tasks = [...c.tasks, { id, case: c.id, alias: c.alias, title: `Aftale ${n + 1}`, due: on(3), done: false, done_on: null, kind: "task", promised_to: null, owner: ME, by: null, dot: "here" }];
    all.push({ of: c.id, field: `task.${id}.due`, hours: 130 + n, values: [[on(3), ME], [on(20), "Mikkel"]] });
  }
  for (const sketch of all.slice(0, Math.max(0, wanted - 1))) {
    const c = cases.find((x) => x.id === sketch.of);
    if (c) disagree(world, c, sketch);
  }
}

export function pretendDesk(world: World): Part {
  for (const c of world.cases()) if (c.offers.length === 0) c.offers = offersOf(c);
  if (world.wishes.conflicts) seed(world, Number(world.wishes.conflicts));
  const cards = (): ConflictCard[] =>
    world.cases().flatMap((c) => c.conflicts.map((x) => ({ ...x, alias: c.alias, ...applies(x.field, x.values.map((v) => v.value)) })));

  return {
    conflicts: async () => {
      await world.turn();
      return cards();
    },
    resolve: async (caseId, conflict, keep) => {
      await world.turn();
      const c = world.find(caseId);
      const card = cards().find((x) => x.id === conflict);
      if (!card) throw { code: "case.unknown_conflict", wait_s: null };
      if (!card.values.some((v) => v.value === keep)) throw { code: "case.not_a_choice", wait_s: null };
      const stood = c.stage;
      c.conflicts = c.conflicts.filter((x) => x.id !== conflict);
      put(c, card.field, keep);
      world.changed(c);
      const undo = world.nextId("u");
      // as on a real device: what applied before applies again, the question itself is settled
      world.undos.set(undo, () => {
        put(c, card.field, card.field === "stage" ? stood : (card.applies ?? ""));
        world.changed(c);
      });
      return { id: conflict, undo };
    },
    newCase: async (alias, programme, birthYear) => {
      await world.turn();
      if (birthYear !== null && (birthYear < 1900 || birthYear > 2100)) throw { code: "case.bad_year", wait_s: null };
      const c = newPretendCase(world.nextId("c"), alias, programme, birthYear, world.now());
      c.offers = offersOf(c);
      world.cases().push(c);
      world.changed(c);
      return c.id;
    },
  };
}
