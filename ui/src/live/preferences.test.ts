import { beforeEach, expect, it, vi } from "vitest";
import type { Settings } from "../host/bindings";
import type { Host } from "../host/host";
import { pretendWorld } from "../host/pretend";
import { PLAIN, Preferences } from "./preferences.svelte";

const root = document.documentElement;
beforeEach(() => {
  for (const name of Object.keys(root.dataset)) delete root.dataset[name];
});

it("a choice is on the page at once and kept at once", async () => {
  const host = pretendWorld({ phase: "unlocked" });
  const preferences = new Preferences(host);
  await preferences.start();
  expect({ ...root.dataset }).toEqual({});
  const kept = preferences.change({ text: 150, hand: "left" });
  expect({ ...root.dataset }).toEqual({ text: "150", hand: "left" });
  await kept;
  expect(await host.settings()).toEqual({ ...PLAIN, text: 150, hand: "left" });
  await preferences.change({ text: 100, theme: "dark", contrast: "more" });
  expect({ ...root.dataset }).toEqual({ hand: "left", theme: "dark", contrast: "more" });
});

it("is read while locked, and a device that cannot tell has the plain settings", async () => {
  const locked = new Preferences(pretendWorld({ phase: "locked", settings: "text:200,contrast:more" }));
  await locked.start();
  expect({ ...root.dataset }).toEqual({ text: "200", contrast: "more" });
  const silent = new Preferences({ settings: () => Promise.reject(new Error("no such command")) } as unknown as Host);
  await silent.start();
  expect(silent.now).toEqual(PLAIN);
});

it("a choice that could not be kept goes back, and says so", async () => {
  const host = pretendWorld({ phase: "unlocked" });
  const preferences = new Preferences(host);
  await preferences.start();
  host.failWith("vault.full");
  await preferences.change({ theme: "dark" });
  expect([preferences.now.theme, root.dataset.theme, preferences.error?.code]).toEqual(["system", undefined, "vault.full"]);
  host.failWith(null);
  await preferences.change({ theme: "light" });
  expect([root.dataset.theme, preferences.error]).toEqual(["light", null]);
});

it("two quick choices are kept in their order, and the first one's answer does not take the second back", async () => {
  const saved: Settings[] = [];
  const answers: (() => void)[] = [];
  const host = { settings: async () => PLAIN, saveSettings: (s: Settings) => new Promise<Settings>((go) => answers.push(() => (saved.push(s), go(s)))) } as unknown as Host;
  const preferences = new Preferences(host);
  await preferences.start();
  void preferences.change({ text: 125 });
  const last = preferences.change({ text: 200 });
  await vi.waitFor(() => expect(answers.length).toBe(1));
  answers[0]?.();
  await vi.waitFor(() => expect(answers.length).toBe(2));
  expect(preferences.now.text).toBe(200);
  answers[1]?.();
  await last;
  expect(saved.map((s) => s.text)).toEqual([125, 200]);
});

it("tells that something changed, so that the idle clock begins anew with the new time", async () => {
  const changed = vi.fn();
  const preferences = new Preferences(pretendWorld({ phase: "unlocked" }), changed);
  await preferences.start();
  changed.mockClear();
  void preferences.change({ lock_after_s: 15 });
  expect(changed).toHaveBeenCalled();
});
