// How this device is set: read before unlock, applied at once, kept at once.
import { createContext } from "svelte";
import type { ErrorView, Settings } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

export const PLAIN: Settings = { lock_after_s: 60, text: 100, hand: "right", contrast: "normal", theme: "system", single_keys: true };

export class Preferences {
  now = $state.raw<Settings>(PLAIN);
  /** why the last change was not kept */
  error = $state.raw<ErrorView | null>(null);

  #host: Host;
  #changed: () => void;
  #kept: Settings = PLAIN;
  #turn = 0;
  #saving: Promise<void> = Promise.resolve();

  constructor(host: Host, changed: () => void = () => undefined) {
    this.#host = host;
    this.#changed = changed;
  }

  /** a device that cannot tell its settings has the plain ones: nothing is kept from opening by it */
  start = async (): Promise<void> => {
    const kept = await this.#host.settings().catch(() => PLAIN);
    this.#kept = kept;
    this.#show(kept);
  };

  /** what could not be kept goes back to how it was, and `error` says why */
  change = (part: Partial<Settings>): Promise<void> => {
    const turn = ++this.#turn;
    const next = { ...this.now, ...part };
    this.error = null;
    this.#show(next);
    this.#saving = this.#saving.then(async () => {
      try {
        this.#kept = await this.#host.saveSettings(next);
        if (turn === this.#turn) this.#show(this.#kept);
      } catch (thrown) {
        if (turn !== this.#turn) return;
        this.#show(this.#kept);
        this.error = asError(thrown);
      }
    });
    return this.#saving;
  };

  #show(settings: Settings) {
    this.now = settings;
    dress(document.documentElement, settings);
    this.#changed();
  }
}

/** the page's root says how it is to look; what follows the system is left unsaid */
function dress(root: HTMLElement, settings: Settings) {
  const say = (name: "text" | "hand" | "contrast" | "theme", word: string | null) => {
    if (word === null) delete root.dataset[name];
    else root.dataset[name] = word;
  };
  say("text", settings.text === 100 ? null : String(settings.text));
  say("hand", settings.hand === "left" ? "left" : null);
  say("contrast", settings.contrast === "more" ? "more" : null);
  say("theme", settings.theme === "system" ? null : settings.theme);
}

export const [usePreferences, providePreferences] = createContext<Preferences>();
