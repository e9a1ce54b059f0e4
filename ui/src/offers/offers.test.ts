import { describe, expect, it, vi } from "vitest";
import type { ConflictView, OfferKind, OfferStatus, OfferView, StepTemplate, StepView } from "../host/bindings";
import type { Host } from "../host/host";
import { daOn } from "../words/da";
import { enOn } from "../words/en";
import { conflictsOf, inOrder, ladder, NINE, ownerName, STATUSES, stepTitle, summary, unusedSteps } from "./ladder";
import { NewStep } from "./step.svelte";

const da = daOn("telefonen");
const en = enOn("phone");
const offer = (kind: OfferKind, status: OfferStatus, steps: StepView[] = []): OfferView => ({ kind, status, steps, conflict: false });
const step = (id: string, title: string): StepView => ({ id, title, owner: null, due: null, done: false, done_on: null });
const template: StepTemplate = { offer: "relocation", key: "viewed", da: "Bolig set", en: "Home viewed" };

describe("the nine offers", () => {
  it("are always nine and in their order, whatever the host names", () => {
    expect(inOrder([], false).map((o) => o.kind)).toEqual([...NINE]);
    expect(inOrder([offer("work_education", "done"), offer("relocation", "need")], false).map((o) => o.status)).toEqual(["need", ...Array(7).fill("not_assessed"), "done"]);
  });

  it("have a tenth only when it is used or asked for", () => {
    expect(inOrder([offer("other", "not_assessed")], false)).toHaveLength(9);
    expect(inOrder([offer("other", "not_assessed")], true).at(-1)?.kind).toBe("other");
    expect(inOrder([offer("other", "need")], false)).toHaveLength(10);
    expect(inOrder([offer("other", "not_assessed", [step("s1", "Fjerne en tatovering")])], false)).toHaveLength(10);
  });

  it("add to nine in the summary, with every status and with the tenth in use", () => {
    for (const status of STATUSES) {
      const counted = summary([offer("therapy", status), offer("relocation", status), offer("other", "running")]);
      expect(counted.reduce((sum, s) => sum + s.count, 0)).toBe(9);
      expect(counted.find((s) => s.status === status)?.count).toBe(status === "not_assessed" ? 9 : 2);
    }
  });

  it("carry the official wording in both languages, each its own", () => {
    for (const w of [da, en]) expect(new Set([...NINE, "other" as const].map((kind) => w.officialOffer(kind))).size).toBe(10);
    expect(da.officialOffer("social_activities")).toContain("der ikke har tilhørt det kriminelle miljø");
    expect(da.officialOffer("other")).toBe("Øvrige");
  });

  it("have a ladder for every status, and a word beside it", () => {
    expect(STATUSES.map((s) => ladder(s).rungs)).toEqual([0, 0, 1, 2, 3, 2, 3, 4, 5, 4]);
    expect(STATUSES.filter((s) => ladder(s).waits)).toEqual(["waiting"]);
    expect(STATUSES.filter((s) => ladder(s).off)).toEqual(["not_assessed", "no_need", "declined", "stopped"]);
    for (const w of [da, en]) expect(new Set(STATUSES.map((s) => w.offerStatus(s) + w.statusMeans(s))).size).toBe(10);
  });
});

describe("steps", () => {
  it("from the pack are shown in the language of the reader and offered once", () => {
    expect(stepTitle(en, step("s1", "Bolig set"), [template])).toBe("Home viewed");
    expect(stepTitle(da, step("s1", "Home viewed"), [template])).toBe("Bolig set");
    expect(stepTitle(en, step("s1", "Se lejligheden"), [template])).toBe("Se lejligheden");
    expect(unusedSteps(offer("relocation", "need"), [template])).toEqual([template]);
    expect(unusedSteps(offer("relocation", "need", [step("s1", "Home viewed")]), [template])).toEqual([]);
    expect(unusedSteps(offer("therapy", "need"), [template])).toEqual([]);
  });

  it("name whose they are", () => {
    expect(["Åse", "candidate", "coordinator", "authority", "Mikkel"].map((o) => ownerName(da, o, "Falken", "Åse"))).toEqual(["dig", "Falken", "koordinator", "myndighed", "Mikkel"]);
  });

  it("keep apart a conflict about the offer and one about a step", () => {
    const conflict = (field: string): ConflictView => ({ id: field, case: "c1", field, values: [] });
    const found = conflictsOf("therapy", [conflict("offer.therapy.status"), conflict("offer.therapy.step.s1.done"), conflict("offer.relocation.status"), conflict("task.t1.due")]);
    expect(found.map((f) => f.step)).toEqual([null, "s1"]);
  });

  it("are saved with owner and day, once, and only with words", async () => {
    const addStep = vi.fn(async () => ({ id: "s9", undo: "u9" }));
    const fresh = new NewStep({ addStep } as unknown as Host, "c1", "relocation", null, () => new Date(2026, 10, 24, 13).getTime());
    expect(await fresh.save()).toBeNull();
    expect(fresh.wordsMissing).toBe(true);
    fresh.title = " Se lejligheden ";
    fresh.own("candidate");
    fresh.step(1);
    await Promise.all([fresh.save(), fresh.save()]);
    expect(addStep.mock.calls).toEqual([["c1", "relocation", "Se lejligheden", null, "candidate", "2026-11-25"]]);
    fresh.own("candidate");
    expect(fresh.owner).toBeNull();
  });

  it("in own words wait for the next sheet when they were not saved; a usual one does not", async () => {
    const host = { addStep: async () => ({ id: "s9", undo: "u9" }) } as unknown as Host;
    const first = new NewStep(host, "c1", "therapy", null);
    first.title = "Ringe til lægen";
    first.leave();
    new NewStep(host, "c1", "therapy", { key: "wish", title: "Ønsket udtrykt" }).leave();
    const second = new NewStep(host, "c1", "therapy", null);
    expect(second.title).toBe("Ringe til lægen");
    await second.save();
    second.leave();
    expect(new NewStep(host, "c1", "therapy", null).title).toBe("");
  });

  it("from the pack say which one they were", async () => {
    const addStep = vi.fn(async () => ({ id: "s9", undo: "u9" }));
    await new NewStep({ addStep } as unknown as Host, "c1", "relocation", { key: "viewed", title: "Bolig set" }).save();
    expect(addStep).toHaveBeenCalledWith("c1", "relocation", "Bolig set", "viewed", null, null);
  });
});
