import { expect, it } from "vitest";
import { Once } from "./once.svelte";

it("does a thing once, however often it is asked", async () => {
  const once = new Once();
  let done = 0;
  const both = await Promise.all([once.do(async () => (done += 1)), once.do(async () => (done += 1))]);
  expect([both, done, once.working]).toEqual([[1, null], 1, true]);
});

it("says what went wrong, and lets it be tried again", async () => {
  const once = new Once();
  expect(await once.do(() => Promise.reject({ code: "vault.full" }))).toBe(null);
  expect([once.error?.code, once.working]).toEqual(["vault.full", false]);
  expect(await once.do(async () => "ok")).toBe("ok");
  expect(once.error).toBe(null);
});
