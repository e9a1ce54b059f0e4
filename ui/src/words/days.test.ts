import { expect, it } from "vitest";
import type { TaskView } from "../host/bindings";
import { daOn } from "./da";
import { dayChosen, daysOn, isoDay, likelyDays, monthOn, weekOf } from "./days";
import { enOn } from "./en";
import { taskItem } from "./tasks";

const da = daOn("telefonen");
const en = enOn("phone");
const now = new Date(2026, 10, 24, 13, 4).getTime();

it("days are counted in the calendar, over months, years and the change of clocks", () => {
  expect(daysOn("2026-12-31", 1)).toBe("2027-01-01");
  expect(daysOn("2026-10-24", 2)).toBe("2026-10-26");
  expect(daysOn("2028-03-01", -1)).toBe("2028-02-29");
  expect([monthOn("2026-01-31"), monthOn("2026-11-24"), monthOn("2026-12-31")]).toEqual(["2026-02-28", "2026-12-24", "2027-01-31"]);
  expect(isoDay(new Date(2026, 0, 5, 23, 59))).toBe("2026-01-05");
});

it("likely days are today, tomorrow, in a week and in a month", () => {
  expect(likelyDays(da, now)).toEqual([
    { iso: "2026-11-24", label: "I dag" }, { iso: "2026-11-25", label: "I morgen" }, { iso: "2026-12-01", label: "Om en uge" }, { iso: "2026-12-24", label: "Om en måned" },
  ]);
  expect(likelyDays(en, now).map((d) => d.label)).toEqual(["Today", "Tomorrow", "In a week", "In a month"]);
});

it("a chosen day is said with its date, and none is said too", () => {
  expect([dayChosen(da, "2026-11-27", now), dayChosen(da, null, now)]).toEqual(["Fredag 27. nov.", "Ingen dag"]);
  expect(da.moveTo(dayChosen(da, "2026-11-27", now))).toBe("Flyt til fredag 27. nov.");
  expect(en.moveTo(dayChosen(en, "2026-11-24", now))).toBe("Move to today");
});

it("a promise names its person and its day, also when it has none, and to whom when it is somebody else", () => {
  const task = (more: Partial<TaskView>) => ({ id: "t1", case: "c1", alias: "Falken", title: "At ringe", due: null, kind: "promise", promised_to: "Falken", ...more }) as TaskView;
  expect(taskItem(da, task({}), now, true)).toMatchObject({ person: { alias: "Falken" }, more: "ingen dag" });
  expect(taskItem(da, task({ due: "2026-11-24", promised_to: "hans mor" }), now, true)).toMatchObject({ more: "lovet til hans mor · i dag" });
  expect(taskItem(da, task({ kind: "task", promised_to: null }), now, false)).toMatchObject({ person: null, more: "" });
});

it("a week has the number that its Thursday gives it, also where the year turns and where it has a 53rd", () => {
  const numbers = {
    "2026-11-24": 48, "2026-01-01": 1, "2026-12-28": 53, "2026-12-31": 53, "2027-01-01": 53, "2027-01-03": 53, "2027-01-04": 1,
    "2024-12-29": 52, "2024-12-30": 1, "2024-12-31": 1, "2025-01-01": 1, "2025-12-28": 52, "2025-12-29": 1, "2020-12-31": 53, "2021-01-01": 53, "2022-01-01": 52, "2022-01-02": 52, "2022-01-03": 1, "2028-02-29": 9, "2028-12-31": 52, "2032-12-29": 53, "2033-01-02": 53,
  };
  expect(Object.fromEntries(Object.keys(numbers).map((day) => [day, weekOf(day)]))).toEqual(numbers);
});

it("the number of the week grows by one each Monday, whatever the clocks do, and begins again with the week of 4 January", () => {
  let before = weekOf("2025-12-28");
  for (let day = "2025-12-29"; day < "2037-01-01"; day = daysOn(day, 1)) {
    const monday = new Date(`${day}T12:00:00Z`).getUTCDay() === 1;
    const first = monday && [0, 1, 2, 3, 4, 5, 6].some((on) => daysOn(day, on).endsWith("-01-04"));
    const expected = first ? 1 : before + (monday ? 1 : 0);
    expect([day, weekOf(day)]).toEqual([day, expected]);
    before = expected;
  }
});
