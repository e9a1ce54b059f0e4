import { describe, expect, it } from "vitest";
import type { AddressStanding } from "../host/bindings";
import { pretendWorld } from "../host/pretend";
import { daOn } from "../words/da";
import { readDay } from "../words/days";
import { enOn } from "../words/en";
import { sentence } from "../words/errors";
import { Entering } from "./entering.svelte";
import { mayBeLetIn, Releasing, untilOf } from "./releasing.svelte";
import { concerns, coordinators, mayAgree, standingLine } from "./standing";

const da = daOn("telefonen");
const en = enOn("phone");
const NOW = new Date(2026, 10, 24, 13, 4).getTime();
const at = (h: number, m = 0, day = 24) => new Date(2026, 10, day, h, m).getTime();
const direct = <T>(what: () => Promise<T>) => what();
const standing = (more: Partial<AddressStanding> = {}): AddressStanding => ({
  case: "c1", alias: "Falken", is_kept: true, may_see: false, may_enter: false, until: null, readers: [], asked: [], may_read_log: false, waiting: 0, ...more,
});
const asked = { member: "m2", name: "Mikkel", until: at(22), by: "Hanne", mine: false, agreed: false, expires: at(13, 4, 30) };
const hanne = { member: "m1", name: "Hanne Østergård", role: "coordinator" as const, until: null };
const mine = { member: "m0", name: "Åse Lund", role: "mentor" as const, until: at(22) };

describe("how it stands, in a line", () => {
  const line = (more: Partial<AddressStanding>, w = da) => standingLine(w, standing(more), "Åse Lund", NOW);

  it("says who may see it and until when, and never where somebody lives", () => {
    expect(line({ is_kept: false, may_enter: true })).toBe("Ikke skrevet endnu");
    expect(line({ may_see: true, until: at(22), readers: [hanne, mine] })).toBe("Frigivet til dig til i dag 22.00");
    expect(line({ readers: [hanne] })).toBe("Ikke frigivet til dig");
    expect(line({ may_see: true, readers: [{ ...mine, until: null }] })).toBe("Du kan se den");
    expect(line({ may_see: true, readers: [hanne, { ...mine, until: null }, { ...hanne, name: "Mikkel Bæk", until: at(15) }] })).toBe("Du, Hanne og Mikkel til i dag 15.00 kan se den");
    expect(line({ may_see: true, until: at(22) }, en)).toBe("Released to you until today 22:00");
  });

  it("counts what waits", () => {
    expect(line({ asked: [asked, { ...asked, agreed: true }], waiting: 2 })).toBe("Ikke frigivet til dig · 1 venter på et ja · 2 venter på at blive sendt");
  });

  it("is there only for whom it concerns", () => {
    const nothing = standing({ is_kept: false });
    expect([nothing, { ...nothing, may_enter: true }, { ...nothing, may_read_log: true }, { ...nothing, asked: [asked] }, standing()].map(concerns)).toEqual([false, true, true, true, true]);
  });

  it("names those who can put it right", () => {
    expect(coordinators(da, standing({ readers: [hanne, mine] }), "Åse Lund")).toBe("Hanne");
    expect(coordinators(da, standing({ readers: [hanne, { ...hanne, name: "Bo" }] }), "Åse Lund")).toBe("Hanne eller Bo");
    expect(da.addressUnresolved(coordinators(da, standing(), "Åse Lund"))).toBe("Adressen er uafklaret. Ingen kan åbne den, før en koordinator har set på det.");
    expect(da.addressUnresolved("Hanne")).toBe("Adressen er uafklaret. Ingen kan åbne den, før Hanne har set på det.");
  });

  it("lets only a second person agree who may countersign", () => {
    expect((["coordinator", "programme_lead", "dpo", "mentor", "co_mentor", "substitute", "it", null] as const).map((role) => mayAgree(role, asked))).toEqual([true, true, true, false, false, false, false, false]);
    expect([mayAgree("dpo", { ...asked, mine: true }), mayAgree("dpo", { ...asked, agreed: true })]).toEqual([false, false]);
  });
});

describe("a day as people write it", () => {
  it("has the day before the month, and is a day", () => {
    expect(["15.11.2027", "15/11 27", " 5-1-2027", "15112027", "2027-11-15", "15. 11. 2027"].map(readDay)).toEqual(["2027-11-15", "2027-11-15", "2027-01-05", "2027-11-15", "2027-11-15", "2027-11-15"]);
    expect(["", "31.2.2027", "11.15.2027", "i morgen", "15.11", "15.11.20277", "29.2.2027"].map(readDay)).toEqual([null, null, null, null, null, null, null]);
    expect(readDay("29.2.2028")).toBe("2028-02-29");
  });
});

describe("entering", () => {
  it("says what is missing before it asks for the secret, and makes one line of several", async () => {
    const host = pretendWorld({ phase: "unlocked", role: "coordinator" });
    const entering = new Entering(host, "c2");
    expect([entering.wordsMissing, entering.ready(), entering.wordsMissing, entering.protectionMissing]).toEqual([false, false, true, true]);
    entering.address = " Prøvevej 8, st.,\n\n9999 Prøveby\n";
    entering.protection = "special";
    entering.renewBy = "31.2.2027";
    expect([entering.line, entering.daysWrong, entering.ready()]).toEqual(["Prøvevej 8, st., 9999 Prøveby", true, false]);
    entering.renewBy = "15.11.2027";
    expect(entering.ready()).toBe(true);
    expect(await entering.save(direct)).toBe(false);
    expect([entering.error?.code, entering.line]).toEqual(["address.locked", "Prøvevej 8, st., 9999 Prøveby"]);
    await host.openStrongroom("pin", "123456");
    expect(await entering.save(direct)).toBe(true);
    expect(JSON.stringify(Object.values(entering)) + entering.address).not.toMatch(/Prøve/);
    expect(await host.lookAtAddress("c2", "check")).toMatchObject({ address: "Prøvevej 8, st., 9999 Prøveby", protection: "special", renew_by: "2027-11-15" });
  });
});

describe("letting somebody in", () => {
  it("ends when it says, and never later than two hours where one decides alone", () => {
    expect(untilOf("short", "", NOW)).toBe(at(15));
    expect(untilOf("tonight", "", NOW)).toBe(at(22));
    expect(untilOf("tonight", "", at(21, 59))).toBeNull();
    expect(untilOf("week", "", NOW)).toBe(new Date(2026, 11, 1, 13).getTime());
    expect(untilOf("date", "4.12.2026", NOW)).toBe(new Date(2026, 11, 4, 23, 59).getTime());
    expect([untilOf("date", "", NOW), untilOf("date", "4.11.2026", NOW), untilOf("date", "noget", NOW)]).toEqual([null, null, null]);
  });

  it("asks for who and why first; alone it is for a life and for two hours", () => {
    const releasing = new Releasing(pretendWorld({ phase: "unlocked" }), "c1");
    releasing.span = "week";
    expect(releasing.ready(NOW)).toBe(false);
    releasing.pick({ member: "m2", name: "Mikkel", role: "mentor" });
    expect(releasing.ready(NOW)).toBe(false);
    releasing.decide(true);
    expect([releasing.ready(NOW), releasing.purpose, releasing.until(NOW)]).toEqual([true, "danger", at(15)]);
    releasing.pick({ member: "m3", name: "Bo", role: "coordinator" });
    expect([releasing.alone, releasing.isOpenEnded]).toEqual([false, true]);
  });

  it("offers those of the case who cannot see it and for whom nobody has asked, each once", () => {
    const team = ["m0", "m1", "m2", "m4", "m4"].map((member) => ({ member, name: member, device: "" }));
    expect(mayBeLetIn(team, standing({ readers: [hanne, mine], asked: [asked] }), new Map([["m4", "mentor"]]))).toEqual([{ member: "m4", name: "m4", role: "mentor" }]);
  });

  it("keeps what was refused to be said, and asks a second person otherwise", async () => {
    const host = pretendWorld({ phase: "unlocked", role: "coordinator" });
    const releasing = new Releasing(host, "c1");
    releasing.pick({ member: "Mikkel", name: "Mikkel", role: "mentor" });
    releasing.purpose = "move";
    expect([await releasing.send(direct, Date.now()), releasing.error?.code]).toEqual([null, "address.locked"]);
    await host.openStrongroom("pin", "123456");
    expect([await releasing.send(direct, Date.now()), releasing.error]).toEqual(["asked", null]);
    expect((await host.addressStanding("c1")).asked).toMatchObject([{ name: "Mikkel", mine: true, agreed: false }]);
  });
});

it("has a sentence of its own for every code about addresses, and words for what waits", () => {
  for (const code of ["address.locked", "address.not_released", "address.disputed", "address.none", "address.away", "address.missing"]) for (const w of [da, en]) expect(sentence(w, { code }), code).not.toMatch(/[({]|app\.unknown|differently|gik anderledes/);
  for (const what of ["open_address", "propose_release", "approve_release", "release", "take_back"]) for (const w of [da, en]) expect(w.pendingSays(what, "Mikkel", "Falken")).not.toBe(what);
});
