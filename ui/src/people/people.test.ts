import { SvelteMap } from "svelte/reactivity";
import { describe, expect, it, vi } from "vitest";
import type { BreachSheet, Pending, Quarantined, Request, RosterDevice, Salvaged } from "../host/bindings";
import { daOn } from "../words/da";
import { enOn } from "../words/en";
import { Blocking, progress } from "./blocking.svelte";
import { ChosenDevice, mayDo, opened, stillWaiting, together } from "./choosing.svelte";
import { Deciding, waitingItems } from "./deciding.svelte";
import { Enrolling } from "./enrolling.svelte";
import { heard } from "./heard";
import { Saving } from "./saving.svelte";
import { saidWords, thingWords } from "./thing";

const da = daOn("computeren");
const en = enOn("computer");
const NOW = new Date(2026, 10, 24, 13, 4).getTime();
const DAY = 86_400_000;
const device = (n: number, more: Partial<RosterDevice> = {}): RosterDevice => ({
  device: `d${n}`, name: "telefon", member: `m${n}`, person: `Person ${n}`, role: "mentor", this: false, standing: "active", forced: false, heard_at: NOW - DAY, unheard: false, cases: 8, may_revoke: true, may_see_sheet: true, ...more,
});
const pending = (what: string, more: Partial<Pending> = {}): Pending => ({ what, case: null, alias: null, person: null, refused: null, ...more });

describe("which device is in sight", () => {
  const world = (list: RosterDevice[]) => {
    const box = new SvelteMap([["list", list]]);
    return { chosen: new ChosenDevice(() => box.get("list") ?? []), put: (next: RosterDevice[]) => box.set("list", next) };
  };

  it("is walked from either end and stops at the ends", () => {
    const { chosen } = world([device(1), device(2)]);
    expect([chosen.current, chosen.step(1)?.device, chosen.step(1)?.device, chosen.step(1)?.device, chosen.step(-1)?.device]).toEqual([null, "d1", "d2", "d2", "d1"]);
    expect(world([device(1), device(2)]).chosen.step(-1)?.device).toBe("d2");
    expect(world([]).chosen.step(1)).toBeNull();
  });

  it("stays the same when the list is another", () => {
    const { chosen, put } = world([device(1), device(2)]);
    chosen.select("d1");
    put([device(2), device(1, { standing: "revoked" })]);
    expect([chosen.at, chosen.current?.standing]).toEqual([1, "revoked"]);
    put([device(2)]);
    expect(chosen.current).toBeNull();
  });

  it("a key opens only what the device says is allowed", () => {
    const one = device(1);
    expect([opened("s", one, true), opened("r", one, true), opened("n", null, true)]).toEqual([{ name: "revoke", device: "d1" }, { name: "sheet", device: "d1" }, { name: "enrol", member: null }]);
    const closed = device(2, { may_revoke: false, may_see_sheet: false });
    for (const key of ["s", "r", "n", "x"]) expect(opened(key, closed, false), key).toBeNull();
    for (const key of ["s", "r"]) expect(opened(key, null, true), key).toBeNull();
    expect([mayDo(closed, "device"), mayDo(closed, "revoke")]).toEqual([true, false]);
  });
});

describe("when it was last heard of", () => {
  it("is said as people say it", () => {
    expect(heard(da, device(1, { this: true }), NOW)).toBe("nu");
    expect(heard(da, device(1, { heard_at: null }), NOW)).toBe("ikke endnu");
    expect(heard(da, device(1), NOW)).toBe("i går 13.04");
    expect(heard(da, device(1, { unheard: true, heard_at: NOW - 8 * DAY }), NOW)).toBe("for 8 dage siden");
    expect(heard(en, device(1, { unheard: true, heard_at: NOW - 8 * DAY }), NOW)).toBe("8 days ago");
  });
});

describe("blocking", () => {
  it("asks why before it does anything", async () => {
    const host = { revoke: vi.fn(async () => undefined) };
    const blocking = new Blocking(host as never);
    expect(await blocking.block("d1")).toBe(false);
    expect(host.revoke).not.toHaveBeenCalled();
    blocking.reason = "lost";
    expect(await blocking.block("d1")).toBe(true);
    expect(host.revoke.mock.calls).toEqual([["d1", "lost"]]);
  });

  it("says why it was not done, and can be tried again", async () => {
    const host = { revoke: vi.fn().mockRejectedValueOnce({ code: "log.last_coordinator" }).mockResolvedValue(undefined) };
    const blocking = new Blocking(host as never);
    blocking.reason = "left";
    expect(await blocking.block("d1")).toBe(false);
    expect([blocking.error?.code, blocking.busy]).toEqual(["log.last_coordinator", false]);
    expect(await blocking.block("d1")).toBe(true);
    expect(blocking.error).toBeNull();
  });

  const sheet = (renewed: number, all: number, names = true): BreachSheet => ({
    device: "d1", device_name: "telefon", person: "Emil", reason: "lost", revoked_at: NOW, last_word_at: null, directory_renewed: names, renewed,
    cases: Array.from({ length: all }, (_, i) => ({ case: `c${i}`, alias: `A${i}`, compartments: ["core"], since: NOW, renewed: i < renewed, words: 1 })),
  });

  it("has come as far as the numbers say, and no further", () => {
    const waits = [pending("revoke"), pending("key"), pending("key", { case: "c1" }), pending("grant"), pending("key", { refused: "log.not_allowed" })];
    const of = (standing: RosterDevice["standing"], s: BreachSheet | null, p: Pending[], state: "waiting" | "sending" = "waiting") => progress({ standing }, s, p, { state });
    expect(of("revoking", sheet(0, 8, false), waits)).toEqual({ made: 0, all: 8, names: false, waiting: 3, state: "waiting" });
    expect(of("revoking", sheet(0, 8, false), waits, "sending").state).toBe("sending");
    expect(of("revoked", sheet(5, 8), [pending("key")]).state).toBe("waiting");
    expect(of("revoked", sheet(5, 8), []).state).toBe("others");
    expect(of("revoked", sheet(8, 8, false), []).state).toBe("others");
    expect(of("revoked", sheet(8, 8), []).state).toBe("done");
    expect(of("revoked", null, [])).toEqual({ made: null, all: null, names: null, waiting: 0, state: "blocked" });
  });

  it("tells new keys for many cases in one line, in their place, and each that was refused", () => {
    const key = (n: number, refused: string | null = null) => pending("key", { case: `c${n}`, alias: `A${n}`, refused });
    const all = [pending("revoke"), pending("key"), key(1), key(2, "log.not_allowed"), key(3), key(4)];
    expect(together(all).map((t) => [t.pending.what, t.pending.case, t.count])).toEqual([["revoke", null, 1], ["key", null, 1], ["key", "c1", 3], ["key", "c2", 1]]);
    expect(together([key(1), key(2)]).map((t) => t.count)).toEqual([1, 1]);
    expect(stillWaiting(all, "revoke", "key")).toBe(5);
  });
});

describe("letting somebody in", () => {
  const asked: Request = { id: "7K2M-5QXD", person: "Fatıma", member: "m9", words: ["abacus", "zoom", "fjord", "ankle", "stool", "moon"] };
  function world(requests: Request[] = [asked], also: object = {}) {
    const host = {
      invite: vi.fn(async () => ({ invitation: "bb1-x", expires: NOW + DAY })), picture: vi.fn(async () => ({ size: 21, path: "M0 0h1v1h-1z" })), requests: vi.fn(async () => requests),
      approve: vi.fn(async () => undefined), refuseRequest: vi.fn(async () => undefined), assign: vi.fn(async () => undefined), ...also,
    };
    return { host, enrolling: new Enrolling(host as never, () => [{ member: "m1", person: "Åse", role: "co_mentor" }], null) };
  }

  it("goes from a name to an invitation, and says nothing without a name", async () => {
    const { host, enrolling } = world();
    await enrolling.invite();
    expect([enrolling.step, host.invite.mock.calls.length]).toEqual(["who", 0]);
    enrolling.name = " Fatıma ";
    await enrolling.invite();
    expect([host.invite.mock.calls, enrolling.step, enrolling.picture?.size]).toEqual([[["Fatıma", "mentor"]], "invite", 21]);
  });

  it("invites somebody who is here by their id and in their role, and leaves their cases as they are", async () => {
    const { host, enrolling } = world();
    enrolling.member = "m1";
    await enrolling.invite();
    expect(host.invite.mock.calls).toEqual([["m1", "co_mentor"]]);
    enrolling.compare("telefon");
    enrolling.yes({ ...asked, person: "Åse", member: "m1" });
    await enrolling.approve("passphrase", "koden");
    expect([enrolling.step, enrolling.isFurtherDevice]).toEqual(["done", true]);
  });

  it("asks for cases of the one who was let in, whoever the panel was opened for", async () => {
    const { enrolling } = world();
    enrolling.member = "m1";
    enrolling.yes(asked);
    await enrolling.approve("passphrase", "koden");
    expect([enrolling.step, enrolling.isFurtherDevice, enrolling.letIn?.person]).toEqual(["cases", false, "Fatıma"]);
  });

  it("an invitation too long for a picture is still an invitation", async () => {
    const { enrolling } = world([], { picture: vi.fn(async () => null) });
    enrolling.name = "Fatıma";
    await enrolling.invite();
    expect([enrolling.step, enrolling.picture]).toEqual(["invite", null]);
  });

  it("nobody is let in before somebody has said that the words are the same", async () => {
    const { host, enrolling } = world();
    enrolling.compare("telefon");
    await vi.waitFor(() => expect(enrolling.requests).toEqual([asked]));
    expect(host.approve).not.toHaveBeenCalled();
    enrolling.no(asked);
    expect([enrolling.stopped, enrolling.requests, host.refuseRequest.mock.calls, host.approve.mock.calls.length]).toEqual([true, [], [["7K2M-5QXD"]], 0]);
    enrolling.again();
    expect([enrolling.step, enrolling.stopped, enrolling.invited]).toEqual(["who", false, null]);
    enrolling.deviceName = " Fatımas telefon ";
    enrolling.yes(asked);
    expect(host.approve, "the words alone let nobody in").not.toHaveBeenCalled();
    await enrolling.approve("passphrase", "koden");
    expect([host.approve.mock.calls, enrolling.step, enrolling.letIn]).toEqual([[["7K2M-5QXD", "Fatımas telefon", "koden"]], "cases", { member: "m9", person: "Fatıma" }]);
  });

  it("a typed request is compared by the device, and one that nobody made lets nobody in", async () => {
    const approve = vi.fn().mockRejectedValueOnce({ code: "enrol.no_such_request" }).mockResolvedValue(undefined);
    const { enrolling } = world([asked], { approve });
    enrolling.compare("telefon");
    await vi.waitFor(() => expect(enrolling.asked).toBe(true));
    enrolling.typed("AAAA-BBBB");
    await enrolling.approve("passphrase", "koden");
    expect([enrolling.error?.code, enrolling.step, enrolling.letIn]).toEqual(["enrol.no_such_request", "compare", null]);
    enrolling.typed(" 7k2m 5qxd ");
    await enrolling.approve("passphrase", "koden");
    expect([enrolling.step, enrolling.letIn?.member]).toEqual(["cases", "m9"]);
    enrolling.typed("   ");
    expect([enrolling.confirming, approve.mock.calls.length]).toEqual([null, 2]);
  });

  it("a wrong secret lets nobody in and can be given again; one who goes back lets nobody in either", async () => {
    const approve = vi.fn().mockRejectedValueOnce({ code: "vault.wrong_secret" }).mockResolvedValue(undefined);
    const { enrolling } = world([asked], { approve });
    enrolling.compare("telefon");
    enrolling.yes(asked);
    await expect(enrolling.approve("pin", "111222")).rejects.toEqual({ code: "vault.wrong_secret" });
    expect([enrolling.confirming?.person, enrolling.letIn, enrolling.error]).toEqual(["Fatıma", null, null]);
    enrolling.confirming = null;
    await enrolling.approve("pin", "271828");
    expect([approve.mock.calls.length, enrolling.letIn]).toEqual([1, null]);
    enrolling.yes(asked);
    await enrolling.approve("pin", "271828");
    expect(enrolling.step).toBe("cases");
  });

  it("asks on when there was no network, and is quiet about it then", async () => {
    const requests = vi.fn().mockRejectedValueOnce({ code: "net.offline" }).mockResolvedValue([asked]);
    const { enrolling } = world([], { requests });
    await enrolling.ask();
    expect([enrolling.error?.code, enrolling.asked]).toEqual(["net.offline", false]);
    await enrolling.ask();
    expect([enrolling.error, enrolling.requests.length]).toEqual([null, 1]);
    enrolling.stop();
    await enrolling.ask();
    expect(requests).toHaveBeenCalledTimes(2);
  });

  it("gives each chosen case once, and keeps what was refused chosen", async () => {
    const assign = vi.fn().mockResolvedValueOnce(undefined).mockRejectedValueOnce({ code: "people.unknown" }).mockResolvedValue(undefined);
    const { enrolling } = world([asked], { assign });
    enrolling.yes(asked);
    await enrolling.approve("passphrase", "koden");
    for (const id of ["c1", "c2", "c3", "c4"]) enrolling.tick(id, true);
    enrolling.tick("c4", false);
    await enrolling.assign();
    expect([enrolling.error?.code, [...enrolling.chosen], enrolling.assigned, enrolling.step]).toEqual(["people.unknown", ["c2", "c3"], 1, "cases"]);
    await enrolling.assign();
    expect([assign.mock.calls.map(([id]) => id), enrolling.assigned, enrolling.step]).toEqual([["c1", "c2", "c2", "c3"], 3, "done"]);
  });
});

describe("quarantine", () => {
  const thing = (key: string, more: Partial<Salvaged> = {}): Salvaged => ({ key, kind: "note", title: "Han ringede.", text: "Han ringede.", at: NOW, changes: false, said: [], state: "open", ...more });
  const item = (id: string, things: Salvaged[], more: Partial<Quarantined> = {}): Quarantined => ({
    id, device: "d5", device_name: "telefon", person: "Emil", case: "c1", alias: "Falken", came_at: NOW, things, open: things.filter((t) => t.state === "open").length, code: null, ...more,
  });

  it("shows what is open, and what cannot be read, and nothing that is decided", () => {
    const all = [item("q1", [thing("a"), thing("b", { state: "accepted" })]), item("q2", [thing("c", { state: "rejected" })]), item("q3", [], { code: "quarantine.unsound" })];
    expect(waitingItems(all).map((i) => [i.id, i.things.map((t) => t.key)])).toEqual([["q1", ["a"]], ["q3", []]]);
  });

  it("decides about one thing or all, and counts what was done", async () => {
    const host = { acceptQuarantined: vi.fn(async () => 1), rejectQuarantined: vi.fn().mockResolvedValueOnce(3).mockRejectedValue({ code: "quarantine.unknown" }) };
    const deciding = new Deciding(host as never);
    const one = item("q1", [thing("a")]);
    await deciding.decide(one, thing("a"), true);
    await deciding.decide(one, null, false);
    expect([host.acceptQuarantined.mock.calls, host.rejectQuarantined.mock.calls, deciding.taken, deciding.left]).toEqual([[["q1", "a"]], [["q1", null]], 1, 3]);
    await deciding.decide(one, null, false);
    expect([deciding.error?.code, deciding.left, deciding.busy]).toEqual(["quarantine.unknown", 3, false]);
  });

  it("a thing without words of its own has them in both languages, and a note says its first line once", () => {
    expect(thingWords(da, thing("a", { text: "Han ringede.\nHan vil flytte.", title: "Han rin…" }))).toEqual({ title: "Han ringede.", text: "Han vil flytte." });
    expect(thingWords(da, thing("a"))).toEqual({ title: "Han ringede.", text: null });
    expect(saidWords(da, thing("a"))).toBeNull();
    const said: Salvaged["said"] = [{ act: "owner", value: "Emil" }, { act: "due", value: "2026-12-01" }, { act: "removed", value: null }];
    expect(saidWords(da, thing("t", { kind: "task", said }))).toBe("Ansvarlig: Emil · frist: tirsdag 1. december · slettes");
    expect(thingWords(da, thing("m", { kind: "meeting", title: "phone", text: "took_place" }))).toEqual({ title: "Telefon", text: null });
    expect(thingWords(en, thing("o", { kind: "offer", title: "therapy", text: "running" }))).toEqual({ title: en.offer("therapy"), text: en.offerStatus("running") });
    expect(thingWords(da, thing("t", { kind: "task", title: "Ring", text: "2026-11-26" })).text).toBe("torsdag 26. november");
    expect(thingWords(da, thing("c", { kind: "case", title: "Lærken", text: "3" }))).toEqual({ title: "Lærken", text: "med 3 ting i" });
    for (const kind of ["note", "meeting", "task", "offer", "step", "stage", "profile", "case"] as const) for (const w of [da, en]) expect(w.salvageKind(kind)).not.toBe(undefined);
  });
});

describe("the receipt as a file", () => {
  it("is saved as the device wrote it, and says where", async () => {
    const report = { name: "kvittering-2026-11-24.txt", text: "Kvittering" };
    const host = { receipt: vi.fn(async () => report), saveReport: vi.fn().mockResolvedValueOnce("~/Hentet/k.txt").mockRejectedValue({ code: "vault.full" }) };
    const saving = new Saving(host as never);
    await saving.save("d5");
    expect([host.receipt.mock.calls, host.saveReport.mock.calls, saving.place]).toEqual([[["d5"]], [[report]], "~/Hentet/k.txt"]);
    await saving.save("d5");
    expect([saving.place, saving.error?.code]).toEqual([null, "vault.full"]);
  });
});

describe("words about people", () => {
  it("belong to them as Danish and English have it", () => {
    expect([da.blockTitle("Kirsten-Marie Holm"), da.blockTitle("Mads Bo"), en.blockTitle("Mads Bo")]).toEqual(["Spær Kirsten-Maries enhed?", "Spær Mads’ enhed?", "Block Mads’ device?"]);
    expect([da.blockCases(8), da.blockCases(0), da.blockCases(null)].every((text) => text.endsWith("."))).toBe(true);
    for (const what of ["invite", "admit", "revoke", "require", "found", "grant", "remove", "key"]) for (const w of [da, en]) expect(w.pendingSays(what, "Åse", "Falken"), what).not.toBe(what);
  });
});
