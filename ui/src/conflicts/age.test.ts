import { expect, it } from "vitest";
import { daOn } from "../words/da";
import { age } from "./age";

it("says how long something has waited in the largest whole unit", () => {
  const da = daOn("computeren");
  const of = (minutes: number) => age(da, 1e12 - minutes * 60_000, 1e12);
  expect([-5, 59, 60, 23 * 60, 24 * 60, 71 * 60].map(of)).toEqual(["under en time", "under en time", "1 time", "23 timer", "1 dag", "2 dage"]);
});
