// A view kept fresh by Changed. Screens name what they read and which changes concern them; everything else is here.
import { untrack } from "svelte";
import type { Changed, ErrorView } from "../host/bindings";
import { useHost } from "../host/context";
import { asError } from "../host/error";

/** how long an answer may take before grey lines stand in its place */
const SKELETON_AFTER = 300;

export class Live<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<ErrorView | null>(null);
  /** nothing to show yet, and it has taken long enough to say so */
  slow = $state(false);

  #read: () => Promise<T>;
  #turn = 0;
  #reading = false;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  /** begins anew, for another person or at the first look */
  start() {
    this.#turn += 1;
    this.#reading = false;
    this.value = null;
    this.error = null;
    this.slow = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.slow = this.value === null && this.error === null), SKELETON_AFTER);
    void this.refresh();
  }

  stop() {
    this.#turn += 1;
    clearTimeout(this.#timer);
  }

  /** reads again; while one reading is under way, one more waits and no further */
  refresh = async (): Promise<void> => {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    const turn = this.#turn;
    this.#reading = true;
    this.#again = false;
    try {
      const value = await this.#read();
      if (turn !== this.#turn) return;
      this.value = value;
      this.error = null;
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.error = asError(thrown);
    }
    this.slow = false;
    this.#reading = false;
    if (this.#again) await this.refresh();
  };
}

/** call while a component is being made; `key` names what is read, and a new key begins anew */
export function live<T>(key: () => string, read: () => Promise<T>, concerns: (changed: Changed) => boolean): Live<T> {
  const host = useHost();
  const view = new Live(read);
  $effect(() => {
    key();
    untrack(() => view.start());
    const off = host.onChanged((changed) => {
      if (concerns(changed)) void view.refresh();
    });
    return () => {
      off();
      view.stop();
    };
  });
  return view;
}

/** the time now, told again every half minute */
export class Now {
  at = $state(Date.now());
}

export function useNow(every = 30_000): Now {
  const now = new Now();
  $effect(() => {
    const timer = setInterval(() => (now.at = Date.now()), every);
    return () => clearInterval(timer);
  });
  return now;
}
