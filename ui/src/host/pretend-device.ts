// The pretend host's device: settings, storage, about, report, first run.
import type { Settings } from "./bindings";
import type { Host } from "./host";
import type { World } from "./pretend";

const notYet = async (): Promise<never> => Promise.reject({ code: "app.unknown", wait_s: null });

type Part = Pick<Host, "settings" | "saveSettings" | "storage" | "about" | "report" | "saveReport" | "proposeSecret" | "createOrganisation" | "joinOrganisation">;

export function pretendDevice(_world: World): Part {
  let settings: Settings = { lock_after_s: 60, text: 100, hand: "right", contrast: "normal", theme: "system", single_keys: true };
  return {
    settings: async () => settings,
    saveSettings: async (next) => (settings = next),
    storage: notYet, about: notYet, report: notYet, saveReport: notYet, proposeSecret: notYet, createOrganisation: notYet, joinOrganisation: notYet,
  };
}
