import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Unlocking } from "./unlocking.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("tries by itself at the sixth digit, then counts down and lets one try again", async () => {
  const unlock = vi.fn(async () => Promise.reject({ code: "vault.wrong_secret", wait_s: 5 }));
  const way = new Unlocking("pin", 0, null, unlock);
  for (const d of "000000") way.digit(d);
  await vi.advanceTimersByTimeAsync(0);
  expect(unlock).toHaveBeenCalledExactlyOnceWith("pin", "000000");
  expect([way.wait, way.pin]).toEqual([5, ""]);
  way.digit("1");
  expect(way.pin).toBe("");
  await vi.advanceTimersByTimeAsync(3_100);
  expect(way.wait).toBe(2);
  await vi.advanceTimersByTimeAsync(2_000);
  expect([way.wait, way.error]).toEqual([0, null]);
  way.digit("1");
  expect(way.pin).toBe("1");
  way.stop();
});

it("says what is left only when it is told, and keeps saying it while the wait passes", async () => {
  const answers = [{ code: "vault.wrong_secret", wait_s: 240 }, { code: "vault.wrong_secret", wait_s: 480, left: 2 }, { code: "net.offline", wait_s: null }];
  const way = new Unlocking("passphrase", 0, null, async () => Promise.reject(answers.shift()));
  await way.attempt("noget");
  expect([way.wait, way.left]).toEqual([240, null]);
  await vi.advanceTimersByTimeAsync(240_500);
  await way.attempt("noget");
  expect([way.wait, way.left]).toEqual([480, 2]);
  await vi.advanceTimersByTimeAsync(480_500);
  expect([way.wait, way.left, way.error]).toEqual([0, 2, null]);
  await way.attempt("noget");
  expect(way.left).toBe(2);
  way.stop();
});

it("goes on with a wait that began before this page did", async () => {
  const unlock = vi.fn(async () => Promise.resolve());
  const way = new Unlocking("pin", 31, 1, unlock);
  for (const d of "123456") way.digit(d);
  await way.attempt("123456");
  expect([way.wait, way.left, way.pin, unlock.mock.calls.length]).toEqual([31, 1, "", 0]);
  await vi.advanceTimersByTimeAsync(31_500);
  expect(way.wait).toBe(0);
  way.stop();
});
