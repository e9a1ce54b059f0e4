import { describe, expect, it } from "vitest";
import type { CaseRow } from "../host/bindings";
import { CaseList, fold } from "./caselist.svelte";

const row = (id: string, alias: string, days: number | null = 1) => ({ id, alias, days_since: days }) as CaseRow;
const people = [row("c1", "Falken", 3), row("c2", "Lille Åge", 1), row("c3", "Øzgür", null), row("c4", "مـ", 5), row("c5abcd", "falken ", 20), row("c6", "🦊", 2)];
const list = (rows = people) => new CaseList(() => rows);

describe("finding a case", () => {
  it("takes no notice of case, marks and how æ, ø and å are written", () => {
    const found = (text: string) => {
      const l = list();
      l.filter = text;
      return l.shown.map((c) => c.id);
    };
    expect(found("åge")).toEqual(["c2"]);
    expect(found("AAGE")).toEqual(["c2"]);
    expect(found("age")).toEqual(["c2"]);
    expect(found("ozgur")).toEqual(["c3"]);
    expect(found("oezg")).toEqual(["c3"]);
    expect(found("م")).toEqual(["c4"]);
    expect(found("🦊")).toEqual(["c6"]);
    expect(found("  ")).toHaveLength(6);
    expect(found("xyz")).toEqual([]);
  });

  it("folds Polish and Turkish letters too", () => expect([fold("Łukasz"), fold("Işıl")]).toEqual(["lukasz", "isil"]));
});

describe("the order", () => {
  it("is longest since first, with no contact at all first of all, and as given when asked", () => {
    const l = list();
    expect(l.shown.map((c) => c.id)).toEqual(["c3", "c5abcd", "c4", "c1", "c6", "c2"]);
    l.longestFirst = false;
    expect(l.shown.map((c) => c.id)).toEqual(people.map((c) => c.id));
  });

  it("is walked from end to end and no further", () => {
    const l = list();
    expect(l.step(null, 1)).toBe("c3");
    expect(l.step("c3", 1)).toBe("c5abcd");
    expect(l.step("c3", -1)).toBe("c3");
    expect(l.step("c2", 1)).toBe("c2");
    expect(list([]).step(null, 1)).toBeNull();
  });
});

it("notices a name that is taken before a new one is made", () => {
  expect([list().isTaken(" FALKEN"), list().isTaken("Ørnen"), list().isTaken(" ")]).toEqual([true, false, false]);
});
