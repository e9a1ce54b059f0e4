import { expect, it, vi } from "vitest";
import { act } from "./act";

it("tells what can be taken back, and what could not be done", async () => {
  const ways = { saved: vi.fn(), failed: vi.fn() };
  expect(await act(ways, async () => ({ id: "t1", undo: "u1" }), "Fjernet")).toBe(true);
  expect(ways.saved).toHaveBeenCalledWith("u1", null, "Fjernet");
  expect(await act(ways, async () => Promise.reject(new Error("secret words")))).toBe(false);
  expect(ways.failed).toHaveBeenCalledWith({ code: "app.unknown", wait_s: null });
  expect(ways.saved).toHaveBeenCalledTimes(1);
});
