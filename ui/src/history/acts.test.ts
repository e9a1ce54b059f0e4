import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { HistoryView } from "../host/bindings";
import { daOn } from "../words/da";
import { enOn } from "../words/en";
import { ACTS, beginning, byDay, sentenceOf } from "./acts";

const da = daOn("telefonen");
const en = enOn("phone");
const NOW = new Date(2026, 10, 24, 13, 4).getTime();
const entry = (act: string, more: Partial<HistoryView> = {}): HistoryView => ({
  at: NOW, by: { member: "m1", name: "Mikkel", device: "bord-pc" }, act, item: null, detail: "", changes: 1, title: null, clock_doubt: false, disputed: false, ...more,
});

describe("the history in sentences", () => {
  it("knows every act that the device writes, and no other", () => {
    const rust = readFileSync("../sync/casework/src/history.rs", "utf8");
    const list = /const ACTS: &\[&str\] = &\[([^\]]*)\]/.exec(rust)?.[1] ?? "";
    expect([...list.matchAll(/"([a-z.]+)"/g)].map((m) => m[1])).toEqual([...ACTS]);
  });

  it("has one sentence of its own for each act in both languages, with and without a name for the thing", () => {
    for (const w of [da, en]) {
      for (const title of [null, "Ringe"]) {
        const all = ACTS.map((act) => sentenceOf(w, entry(act, { title }), "Åse"));
        expect(new Set(all).size).toBe(ACTS.length);
        for (const sentence of all) expect(sentence).toMatch(/^Mikkel .*\.$/);
        expect(all.join(" ")).not.toMatch(/undefined|null|\s{2,}|“”|””| \./);
      }
    }
  });

  it("says who, what, and from where to where", () => {
    const status = entry("offer.status", { detail: "relocation offered running" });
    expect(sentenceOf(da, status, "Mikkel")).toBe("Du flyttede ”En anden bopæl” fra tilbudt til i gang.");
    expect(sentenceOf(en, status, "Åse")).toBe("Mikkel moved “Another home” from offered to running.");
    expect(sentenceOf(da, entry("task.add", { detail: "promise", title: "At ringe" }), "Åse")).toBe("Mikkel gav et løfte ”At ringe”.");
    expect(sentenceOf(da, entry("meeting.log", { detail: "phone", title: "phone" }), "Åse")).toBe("Mikkel loggede en kontakt: Telefon.");
    expect(sentenceOf(da, entry("meeting.at", { title: "phone" }), "Åse")).toBe("Mikkel skrev, hvornår en kontakt var: Telefon.");
    expect(sentenceOf(da, entry("meeting.remove", { title: "phone" }), "Åse")).toBe("Mikkel fjernede en kontakt: Telefon.");
    expect(sentenceOf(da, entry("note.write", { title: "Nøglen kommer.", changes: 4 }), "Åse")).toBe("Mikkel skrev i noten ”Nøglen kommer”, 4 gange i træk.");
    expect(sentenceOf(da, entry("stage.event", { detail: "agreement_signed" }), "Åse")).toBe("Mikkel skrev, hvad der skete på vejen: exitaftale underskrevet.");
  });

  it("is honest about an act of a later version and about somebody without a name", () => {
    expect(sentenceOf(da, entry("unknown", { by: null }), "Åse")).toBe("Nogen gjorde noget, som denne udgave af appen ikke kan vise. Det er gemt.");
    expect(sentenceOf(en, entry("share.give"), "Åse")).toContain("cannot show");
    expect(sentenceOf(da, entry("offer.status", { detail: "" }), "Åse")).not.toMatch(/undefined/);
  });

  it("names every event of the way that the device knows, in both languages", () => {
    const rust = readFileSync("../sync/casework/src/stage.rs", "utf8");
    const words = [...(/StageAct \{([^}]*)\}/.exec(rust)?.[1] ?? "").matchAll(/"([a-z_]+)"/g)].map((m) => m[1] ?? "");
    expect(words.length).toBeGreaterThan(10);
    for (const w of [da, en]) for (const word of words) expect(w.stageAct(word), word).not.toBe("");
  });

  it("cuts long words at a space and takes their marks off", () => {
    expect(beginning("”Lejligheden er god.”")).toBe("Lejligheden er god");
    expect(beginning("Han sagde, at nøglen kommer på fredag, hvis indskuddet er betalt.")).toBe("Han sagde, at nøglen kommer på fredag, hvis indskuddet …");
    expect(beginning("x".repeat(80)).length).toBeLessThan(60);
  });
});

describe("days in the history", () => {
  it("gather neighbours and keep the order, also when a clock made a day come twice", () => {
    const at = (day: number, hour: number) => entry("note.write", { at: new Date(2026, 10, day, hour).getTime() });
    const days = byDay(da, [at(24, 12), at(24, 8), at(20, 9), at(24, 7), at(23, 22)], NOW);
    expect(days.map((d) => [d.label, d.entries.length])).toEqual([["I dag", 2], ["Fredag 20. november", 1], ["I dag", 1], ["I går", 1]]);
    expect(new Set(days.map((d) => d.key)).size).toBe(4);
    expect(byDay(da, [entry("note.add", { at: new Date(2025, 2, 3).getTime() })], NOW)[0]?.label).toBe("Mandag 3. marts 2025");
    expect(byDay(da, [], NOW)).toEqual([]);
  });
});
