import { describe, expect, it } from "vitest";
import { daOn } from "./da";
import { clock, clockOff, clockThere, day, daysBetween, diaryDay, fromIso, listed, longDay, when } from "./dates";
import { enOn } from "./en";
import { sentence, told } from "./errors";

const da = daOn("telefonen");
const en = enOn("phone");
const now = new Date(2026, 10, 24, 13, 4).getTime();

describe("both languages", () => {
  it("say the same things", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(da).sort());
    for (const [key, value] of Object.entries(da)) expect(typeof en[key as keyof typeof en], key).toBe(typeof value);
  });

  it("leave nothing empty", () => {
    for (const words of [da, en]) for (const [key, value] of Object.entries(words)) if (typeof value === "string") expect(value.trim(), key).not.toBe("");
  });

  it("have a name for every kind, stage, offer and status", () => {
    const kinds = ["meeting", "prison_visit", "prison_leave", "accompaniment", "activity", "home_visit", "phone", "video", "message", "letter", "network_meeting", "family_meeting", "crisis_call", "pickup_release", "no_show", "cancelled_candidate", "cancelled_institution", "cancelled_mentor", "attempt", "other"] as const;
    for (const words of [da, en]) expect(new Set(kinds.map((k) => words.kind(k))).size).toBe(kinds.length);
  });

  it("say how long in whole words", () => {
    expect([5, 60, 90, 105, 120].map(da.minutes)).toEqual(["5 min.", "1 time", "1 t. 30", "1 t. 45", "2 timer"]);
    expect([5, 60, 90].map(en.minutes)).toEqual(["5 min", "1 hour", "1 h 30"]);
    expect([0, 1, 3].map(da.since)).toEqual(["i dag", "1 dag", "3 dage"]);
  });

  it("never calls a missing network an error, and never shouts", () => {
    const all = JSON.stringify([Object.values(da), told]);
    expect(/fejl/i.test(JSON.stringify(told["net.offline"]))).toBe(false);
    expect(all.includes("!")).toBe(false);
    expect(/\b(bruger|klient|sag|registrér)\b/i.test(all)).toBe(false);
  });
});

describe("days and hours", () => {
  it("the clock has a full stop in Danish", () => {
    expect(clock(da, now)).toBe("13.04");
    expect(clock(da, new Date(2026, 0, 1, 9, 5))).toBe("9.05");
    expect(clock(en, new Date(2026, 0, 1, 9, 5))).toBe("09:05");
  });

  it("days near are named, days far are dated", () => {
    const on = (iso: string) => day(da, fromIso(iso), now);
    expect(["2026-11-24", "2026-11-23", "2026-11-25", "2026-11-27", "2026-11-21"].map(on)).toEqual(["i dag", "i går", "i morgen", "fredag", "lørdag"]);
    expect(on("2026-11-10")).toBe("10. nov.");
    expect(on("2026-05-03")).toBe("3. maj");
    expect(on("2025-03-03")).toBe("3. mar. 2025");
    expect(day(en, fromIso("2026-11-27"), now)).toBe("Friday");
    expect(day(en, fromIso("2026-11-10"), now)).toBe("10 Nov");
  });

  it("a clock that was off is off by what a person would say", () => {
    const day = 86_400_000;
    expect(clockOff(da, 3 * day)).toBe("Uret var 3 dage foran. Klokkeslættet er beholdt.");
    expect(clockOff(da, -730 * day)).toBe("Uret var 2 år bagud. Klokkeslættet er beholdt.");
    expect(clockOff(da, day - 60_000)).toBe("Uret var 1 dag foran. Klokkeslættet er beholdt.");
    expect(clockOff(en, -7 * 60_000)).toBe("The clock was 7 minutes behind. The time is kept.");
    expect(clockOff(en, 3_600_000)).toBe("The clock was 1 hour ahead. The time is kept.");
  });

  it("long days and diary days", () => {
    expect(longDay(da, now)).toBe("tirsdag 24. november");
    expect(longDay(en, now)).toBe("Tuesday 24 November");
    expect(diaryDay(da, fromIso("2026-11-21"), now)).toBe("lørdag 21. nov.");
    expect(when(da, new Date(2026, 10, 23, 14, 32), now)).toBe("i går 14.32");
  });

  it("counts calendar days over midnight and over the change of clocks", () => {
    expect(daysBetween(new Date(2026, 10, 24, 0, 1), new Date(2026, 10, 23, 23, 59))).toBe(-1);
    expect(daysBetween(new Date(2026, 9, 24, 12), new Date(2026, 9, 26, 12))).toBe(2);
  });

  it("lists names", () => {
    expect(listed(da, ["Åse", "Mikkel", "Hanne"])).toBe("Åse, Mikkel og Hanne");
    expect(listed(en, ["Åse", "Mikkel"])).toBe("Åse and Mikkel");
    expect(listed(da, [])).toBe("");
  });
});

describe("what a person is told", () => {
  const codes = ["vault.wrong_secret", "vault.wait", "vault.in_use", "vault.damaged", "vault.full", "vault.locked", "vault.read_only", "case.unknown_note", "case.bad_date", "case.text_too_long", "case.anything", "net.offline", "net.server_refused", "auth.clock", "env.not_canonical", "app.unknown"];

  it("has a sentence for every known code in both languages", () => {
    for (const code of codes) for (const w of [da, en]) expect(sentence(w, { code }), code).not.toMatch(/[({]/);
  });

  it("names what is held in the hand", () => {
    expect(sentence(da, { code: "vault.full" })).toContain("telefonen er fuld");
    expect(sentence(daOn("computeren"), { code: "vault.full" })).toContain("computeren er fuld");
  });

  it("shows a code nobody knows", () => {
    expect(sentence(da, { code: "moon.full" })).toContain("(moon.full)");
  });
});

describe("the clock where somebody was", () => {
  const at = (iso: string) => new Date(iso).getTime();

  it("e06: an hour in Nuuk is shown as it was read there, with Danish time beside it", () => {
    expect(clockThere(da, at("2026-06-01T14:00:00-01:00"), "America/Nuuk")).toBe("14.00 i Nuuk (17.00 dansk tid)");
    expect(clockThere(en, at("2026-06-01T14:00:00-01:00"), "America/Nuuk")).toBe("14:00 in Nuuk (17:00 Danish time)");
    expect(clockThere(da, at("2026-06-01T14:00:00+02:00"), "Europe/Copenhagen")).toBe("14.00");
    expect(clockThere(da, at("2026-06-01T14:00:00+02:00"), "Nowhere/At_All")).toBe("14.00");
  });

  it("e04: in the hour that comes twice it says which of the two", () => {
    expect(clockThere(da, at("2025-10-26T02:15:00+02:00"), "Europe/Copenhagen")).toBe("2.15 sommertid");
    expect(clockThere(da, at("2025-10-26T02:15:00+01:00"), "Europe/Copenhagen")).toBe("2.15 vintertid");
    expect(clockThere(da, at("2025-10-26T03:15:00+01:00"), "Europe/Copenhagen")).toBe("3.15");
  });
});
