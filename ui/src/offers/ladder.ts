// The nine offers in their order, how far each has come, and the sum of them.
import type { ConflictView, OfferKind, OfferStatus, OfferView, StepTemplate, StepView } from "../host/bindings";
import type { Words } from "../words/da";

export const NINE = [
  "relocation", "financial_aid", "outside_contacts", "authority_cooperation", "family_reconnection", "social_activities", "therapy", "substance_treatment", "work_education",
] as const satisfies readonly OfferKind[];

/** the five rungs that are drawn; the other words stand beside the ladder */
export const RUNGS = ["need", "offered", "accepted", "running", "done"] as const satisfies readonly OfferStatus[];

/** every status, as a person chooses between them */
export const STATUSES = ["not_assessed", "no_need", "need", "offered", "accepted", "declined", "waiting", "running", "done", "stopped"] as const satisfies readonly OfferStatus[];

/** how the summary counts: what is under way first, what nobody has looked at last */
const COUNTED = ["running", "accepted", "offered", "waiting", "need", "done", "stopped", "declined", "no_need", "not_assessed"] as const satisfies readonly OfferStatus[];

const untouched = (kind: OfferKind): OfferView => ({ kind, status: "not_assessed", steps: [], conflict: false });
const used = (offer: OfferView) => offer.status !== "not_assessed" || offer.steps.length > 0 || offer.conflict;

/** always the nine; the tenth when it is used or asked for */
export function inOrder(offers: OfferView[], tenth: boolean): OfferView[] {
  const of = (kind: OfferKind) => offers.find((o) => o.kind === kind) ?? untouched(kind);
  const other = of("other");
  return [...NINE.map(of), ...(tenth || used(other) ? [other] : [])];
}

/** how many of the nine stand where; the numbers add to nine */
export function summary(offers: OfferView[]): { status: OfferStatus; count: number }[] {
  const nine = inOrder(offers, false).filter((o) => o.kind !== "other");
  return COUNTED.map((status) => ({ status, count: nine.filter((o) => o.status === status).length })).filter((s) => s.count > 0);
}

export type Ladder = { rungs: number; waits: boolean; off: boolean };

/** how many rungs are lit, whether the next one waits, and whether the ladder stands aside */
export function ladder(status: OfferStatus): Ladder {
  const at = (RUNGS as readonly OfferStatus[]).indexOf(status);
  if (at >= 0) return { rungs: at + 1, waits: false, off: false };
  if (status === "waiting") return { rungs: 3, waits: true, off: false };
  if (status === "declined") return { rungs: 2, waits: false, off: true };
  if (status === "stopped") return { rungs: 4, waits: false, off: true };
  return { rungs: 0, waits: false, off: true };
}

/** a step made from the pack is shown in the language of the one who looks */
export function stepTitle(w: Words, step: StepView, templates: StepTemplate[]): string {
  const template = templates.find((t) => t.da === step.title || t.en === step.title);
  return template ? template[w.lang] : step.title;
}

/** the usual steps that the offer does not have yet */
export function unusedSteps(offer: OfferView, templates: StepTemplate[]): StepTemplate[] {
  const has = new Set(offer.steps.map((s) => s.title));
  return templates.filter((t) => t.offer === offer.kind && !has.has(t.da) && !has.has(t.en));
}

/** fields are named as the device names them: `offer.therapy.status`, `offer.therapy.step.<id>.done` */
export function conflictsOf(kind: OfferKind, conflicts: ConflictView[]): { conflict: ConflictView; step: string | null }[] {
  return conflicts
    .filter((c) => c.field.startsWith(`offer.${kind}.`))
    .map((conflict) => ({ conflict, step: conflict.field.split(".")[2] === "step" ? (conflict.field.split(".")[3] ?? null) : null }));
}

/** who a step is for: a stable word, or a name */
export function ownerName(w: Words, owner: string, alias: string, me: string): string {
  if (owner === me) return w.you;
  if (owner === "candidate") return alias;
  if (owner === "mentor" || owner === "coordinator" || owner === "authority") return w.owner(owner);
  return owner;
}
