// Locked or not, and what takes one there. Locking hides first, then writes what is unwritten, then closes the vault.
import type { AppState, ErrorView, Lang, SecretKind } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";
import { say, speak } from "../words/say.svelte";

/** how long the page that waits to be admitted may stand untouched: nothing of a person is on it */
const WAITING_IDLE = 300_000;
/** how often a waiting page asks whether it was admitted, should nobody tell it */
const WAITING_LOOK = 5_000;
/** a vault that hangs must not keep the app open for ever */
const LONGEST_FLUSH = 3_000;

export class Session {
  state = $state.raw<AppState | null>(null);
  failure = $state.raw<ErrorView | null>(null);
  /** something was locked away since the page opened, so "your text is saved" is true and useful */
  lockedHere = $state(false);

  #host: Host;
  #flush: () => Promise<boolean>;
  #lockAfter: () => number;
  #emptied: () => void;
  #locking: Promise<void> | null = null;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #touchedAt = Date.now();
  #turn = 0;
  #looking = false;

  /** `lockAfter`: milliseconds without a sign of life; `emptied`: what belonged to a vault that is no more has to go */
  constructor(host: Host, flush: () => Promise<boolean>, lockAfter: () => number, emptied: () => void = () => undefined) {
    this.#emptied = emptied;
    this.#host = host;
    this.#flush = flush;
    this.#lockAfter = lockAfter;
    host.onChanged((changed) => {
      if (!this.inside) return;
      if (changed.locked) void this.#closed();
      else if (changed.sync) void this.look();
    });
  }

  get open(): boolean {
    return this.state?.phase === "unlocked";
  }

  /** the vault is open, also while nobody has admitted this device */
  get inside(): boolean {
    return this.open || this.state?.phase === "waiting";
  }

  start = async (): Promise<void> => {
    this.failure = null;
    try {
      this.take(await this.#host.appState());
    } catch (thrown) {
      this.failure = asError(thrown);
    }
  };

  /** throws what the host throws, for the lock screen to say */
  unlock = async (kind: SecretKind, secret: string): Promise<void> => {
    await this.#locking;
    try {
      this.take(await this.#host.unlock(kind, secret));
    } catch (thrown) {
      await this.#afterNo();
      throw thrown;
    }
    if (this.open) void this.#flush();
  };

  /** where the device is now, as the host has just told */
  take = (state: AppState): void => {
    const came = !this.inside;
    const admitted = this.state?.phase === "waiting" && state.phase === "unlocked";
    this.#turn += 1;
    this.state = state;
    if (state.lang) speak(state.lang);
    clearInterval(this.#watch);
    if (state.phase === "waiting") this.#watch = setInterval(() => void this.look(), WAITING_LOOK);
    if (came || admitted) this.touched();
  };

  lock = (): Promise<void> => {
    if (!this.inside) return this.#locking ?? Promise.resolve();
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
    if (this.inside) this.#idle = setTimeout(() => void this.lock(), this.#mayRest());
  };

  /** the page went out of sight or came back */
  seen = (hidden: boolean): void => {
    if (!this.inside) return;
    if (!hidden) return Date.now() - this.#touchedAt >= this.#mayRest() ? void this.lock() : undefined;
    if (matchMedia("(pointer: coarse)").matches) void this.lock();
    else void this.#flush();
  };

  /** the vault has something new to say of itself: admitted, or not to be written any more */
  look = async (): Promise<void> => {
    if (this.#looking) return;
    this.#looking = true;
    const turn = this.#turn;
    const state = await this.#host.appState().catch(() => null);
    this.#looking = false;
    if (state && turn === this.#turn) this.take(state);
  };

  #mayRest = () => (this.open ? this.#lockAfter() : WAITING_IDLE);

  #hide() {
    clearTimeout(this.#idle);
    clearInterval(this.#watch);
    this.#turn += 1;
    this.lockedHere = this.lockedHere || this.open;
    if (this.state) this.state = { ...this.state, phase: "locked", me: null, request: null };
  }

  /** the vault closed by itself: what is unwritten waits for the next unlock */
  async #closed() {
    this.#hide();
    await this.#flush();
    await this.start();
  }

  /** after one try too many there is no vault any more, and nothing says that there was one */
  async #afterNo() {
    const state = await this.#host.appState().catch(() => null);
    if (state?.phase !== "fresh") return;
    this.lockedHere = false;
    this.#emptied();
    this.take(state);
  }

  async #flushInTime() {
    await Promise.race([this.#flush(), new Promise((go) => setTimeout(go, LONGEST_FLUSH))]);
  }
}
