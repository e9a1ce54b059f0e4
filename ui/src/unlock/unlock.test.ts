import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Unlocking } from "./unlock.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("tries by itself at the sixth digit, then counts down and lets one try again", async () => {
  const unlock = vi.fn(async () => Promise.reject({ code: "vault.wrong_secret", wait_s: 5 }));
  const way = new Unlocking("pin", 0, unlock);
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
