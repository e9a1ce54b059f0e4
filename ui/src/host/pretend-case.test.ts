import { describe, expect, it } from "vitest";
import type { Done } from "./bindings";
import { pretendWorld } from "./pretend";

const open = (wishes = {}) => pretendWorld({ phase: "unlocked", ...wishes });
type World = ReturnType<typeof open>;

/** what a person sees of a case, without the history and the line about sending */
const seen = async (world: World, id: string) => {
  const { offers, tasks, timeline, conflicts, next_task } = await world.caseView(id);
  return JSON.stringify({ offers: offers.toSorted((a, b) => a.kind.localeCompare(b.kind)), tasks, conflicts, next_task, entries: timeline.filter((e) => e.type !== "offer") });
};

const ACTS: Record<string, (world: World) => Promise<Done>> = {
  "a status": (w) => w.setOfferStatus("c1", "therapy", "done"),
  "a new step": (w) => w.addStep("c1", "relocation", "Se lejligheden", null, "candidate", "2026-12-01"),
  "a ticked step": (w) => w.setStepDone("c1", "relocation", "s3", true),
  "a removed step": (w) => w.removeStep("c1", "relocation", "s1"),
  "a promise": (w) => w.addTask("c1", "promise", "At ringe", "2020-01-01", null, "Falken"),
  "a moved day": (w) => w.setTaskDue("c1", "t1", "2026-12-01"),
  "a removed task": (w) => w.removeTask("c1", "t1"),
  "a ticked task": (w) => w.setTaskDone("c1", "t1", true),
  "a contact's time": (w) => w.setMeetingAt("c1", "f-m2", 1_760_000_000_000),
  "a removed contact": (w) => w.removeMeeting("c1", "f-m1"),
  "a removed note": (w) => w.removeNote("c1", "n3"),
};

describe("the pretend host", () => {
  for (const [name, does] of Object.entries(ACTS)) {
    it(`takes back ${name}, and tells both in the history`, async () => {
      const world = open();
      const before = await seen(world, "c1");
      const told = (await world.history("c1")).length;
      const done = await does(world);
      expect(await seen(world, "c1")).not.toBe(before);
      await world.undo(done.undo);
      expect(await seen(world, "c1")).toBe(before);
      expect((await world.history("c1")).length).toBe(told + 2);
    });
  }

  it("answers with an empty undo when nothing changed", async () => {
    const world = open();
    expect((await world.setOfferStatus("c1", "therapy", "waiting")).undo).toBe("");
    expect((await world.setStepDone("c1", "relocation", "s1", true)).undo).toBe("");
    const due = (await world.caseView("c1")).tasks.find((t) => t.id === "t1")?.due ?? null;
    expect((await world.setTaskDue("c1", "t1", due)).undo).toBe("");
  });

  it("settles a conflict by a status, and an undo brings both answers back", async () => {
    const world = open();
    const done = await world.setOfferStatus("c3", "therapy", "offered");
    expect((await world.caseView("c3")).conflicts.map((c) => c.field)).not.toContain("offer.therapy.status");
    await world.undo(done.undo);
    expect((await world.caseView("c3")).conflicts.map((c) => c.field)).toContain("offer.therapy.status");
  });

  it("refuses while locked and says what is not there", async () => {
    await expect(pretendWorld().search("nøgle")).rejects.toEqual({ code: "vault.locked", wait_s: null });
    await expect(open().removeStep("c1", "relocation", "s99")).rejects.toEqual({ code: "case.unknown_step", wait_s: null });
    await expect(open().addTask("c1", "task", "  ", null, null, null)).rejects.toEqual({ code: "case.title_missing", wait_s: null });
  });

  it("finds other spellings and says which", async () => {
    const found = await open().search("noegle");
    expect(found.also).toEqual(["nøgle"]);
    expect(found.groups[0]?.hits[0]?.parts).toEqual([{ text: "Han sagde, at ", hit: false }, { text: "nøglen", hit: true }, { text: " kommer på fredag, hvis indskuddet er betalt.", hit: false }]);
    expect((await open().search("nøgle")).also).toEqual([]);
    expect((await open().search("   ")).groups).toEqual([]);
  });

  it("cuts a long list of hits and says that there is more", async () => {
    const found = await open({ world: "600" }).search("sted");
    expect(found.more).toBe(true);
    expect(found.groups.flatMap((g) => g.hits)).toHaveLength(50);
  });
});
