import { mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pretendWorld } from "../host/pretend";
import App from "./App.svelte";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** the line under “I dag” on a phone that is opened then */
async function underToday(at: Date, lang: "da" | "en"): Promise<string> {
  vi.setSystemTime(at);
  const app = mount(App, { target: document.body, props: { host: pretendWorld({ phase: "unlocked", lang }) } });
  await vi.advanceTimersByTimeAsync(50);
  const line = document.querySelector(".date")?.textContent ?? "";
  await unmount(app);
  return line.replace(/\s+/g, " ");
}

it("today stands there with its day, its date and the number of its week, in both languages", async () => {
  const days = [new Date(2026, 10, 24, 13, 4), new Date(2024, 11, 29, 23, 59), new Date(2024, 11, 30, 0, 1), new Date(2027, 0, 1, 8)];
  const said: string[] = [];
  for (const at of days) for (const lang of ["da", "en"] as const) said.push(await underToday(at, lang));
  expect(said).toEqual([
    "tirsdag 24. november · uge 48", "Tuesday 24 November · week 48", "søndag 29. december · uge 52", "Sunday 29 December · week 52",
    "mandag 30. december · uge 1", "Monday 30 December · week 1", "fredag 1. januar · uge 53", "Friday 1 January · week 53",
  ]);
});
