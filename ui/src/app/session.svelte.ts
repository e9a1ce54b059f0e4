// Locked or not, and what takes one there. Locking hides first, then writes what is unwritten, then closes the vault.
import type { AppState, ErrorView, Lang, SecretKind } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";
import { say, speak } from "../words/say.svelte";

export const IDLE = 60_000;
/** a vault that hangs must not keep the app open for ever */
const LONGEST_FLUSH = 3_000;

export class Session {
  state = $state.raw<AppState | null>(null);
  failure = $state.raw<ErrorView | null>(null);
  /** something was locked away since the page opened, so "your text is saved" is true and useful */
  lockedHere = $state(false);

  #host: Host;
  #flush: () => Promise<boolean>;
  #locking: Promise<void> | null = null;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #touchedAt = Date.now();

  constructor(host: Host, flush: () => Promise<boolean>) {
    this.#host = host;
    this.#flush = flush;
    host.onChanged((changed) => {
      if (changed.locked && this.open) void this.#closed();
    });
  }

  get open(): boolean {
    return this.state?.phase === "unlocked";
  }

  start = async (): Promise<void> => {
    this.failure = null;
    try {
      this.#is(await this.#host.appState());
    } catch (thrown) {
      this.failure = asError(thrown);
    }
  };

  /** throws what the host throws, for the lock screen to say */
  unlock = async (kind: SecretKind, secret: string): Promise<void> => {
    await this.#locking;
    this.#is(await this.#host.unlock(kind, secret));
    this.touched();
    void this.#flush();
  };

  lock = (): Promise<void> => {
    if (!this.open) return this.#locking ?? Promise.resolve();
    this.#hide();
    this.#locking = this.#flushInTime()
      .then(() => this.#host.lock())
      .catch(() => undefined)
      .finally(() => (this.#locking = null));
    return this.#locking;
  };

  setLang = async (lang: Lang): Promise<void> => {
    speak(lang);
    await this.#host.setLang(lang).catch(() => undefined);
  };

  switchLang = () => this.setLang(say().lang === "da" ? "en" : "da");

  /** a sign of life: the idle clock begins anew */
  touched = (): void => {
    this.#touchedAt = Date.now();
    clearTimeout(this.#idle);
    if (this.open) this.#idle = setTimeout(() => void this.lock(), IDLE);
  };

  /** the page went out of sight or came back */
  seen = (hidden: boolean): void => {
    if (!this.open) return;
    if (!hidden) return Date.now() - this.#touchedAt >= IDLE ? void this.lock() : undefined;
    if (matchMedia("(pointer: coarse)").matches) void this.lock();
    else void this.#flush();
  };

  #is(state: AppState) {
    this.state = state;
    const lang = (state as AppState & { lang?: Lang }).lang;
    if (lang) speak(lang);
  }

  #hide() {
    clearTimeout(this.#idle);
    this.lockedHere = true;
    if (this.state) this.state = { ...this.state, phase: "locked", me: null };
  }

  /** the vault closed by itself: what is unwritten waits for the next unlock */
  async #closed() {
    this.#hide();
    await this.#flush();
    await this.start();
  }

  async #flushInTime() {
    await Promise.race([this.#flush(), new Promise((go) => setTimeout(go, LONGEST_FLUSH))]);
  }
}
