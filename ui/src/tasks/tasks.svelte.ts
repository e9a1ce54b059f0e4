// A promise or a task about to be written down, and one whose date is about to move. Only the words are needed.
import type { Done, ErrorView, TaskKind, TaskView } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";
import { Once } from "../live/once.svelte";
import { unsaved } from "../live/unsaved";
import type { Person } from "../live/ways";
import { daysOn, isoDay } from "../words/days";

/** whom it was promised to, when it is not the person the case is about */
export type Whom = "person" | "other";

export class NewTask {
  kind = $state<TaskKind>("promise");
  person = $state.raw<Person | null>(null);
  title = $state("");
  whom = $state<Whom>("person");
  other = $state("");
  saving = $state(false);
  /** Gem was pressed without words, or without a person */
  asked = $state(false);
  error = $state.raw<ErrorView | null>(null);

  #host: Host;
  #me: string;
  #sheet: string;
  #saved = false;
  #now: () => number;
  #due = $state<string | null | undefined>(undefined);

  constructor(host: Host, me: string, person: Person | null, kind: TaskKind, now: () => number = Date.now) {
    this.#host = host;
    this.#me = me;
    this.#now = now;
    this.#sheet = `task:${person?.id ?? ""}`;
    this.person = person;
    this.kind = kind;
    this.title = unsaved.of(this.#sheet);
  }

  /** the sheet goes, by hand or by a lock: words that are not saved wait for the next one */
  leave() {
    unsaved.keep(this.#sheet, this.#saved ? "" : this.title);
  }

  /** a promise has a day from the start, so that it is not forgotten; a task need not have one */
  get due(): string | null {
    if (this.#due !== undefined) return this.#due;
    return this.kind === "promise" ? daysOn(isoDay(this.#now()), 1) : null;
  }

  choose(iso: string | null) {
    this.#due = iso;
  }

  step(days: number) {
    this.#due = daysOn(this.due ?? isoDay(this.#now()), days);
  }

  get wordsMissing(): boolean {
    return this.asked && this.title.trim() === "";
  }

  get personMissing(): boolean {
    return this.asked && this.person === null;
  }

  get promisedTo(): string | null {
    if (this.kind !== "promise") return null;
    const other = this.other.trim();
    return this.whom === "other" && other ? other : (this.person?.alias ?? null);
  }

  save = async (): Promise<Done | null> => {
    if (this.saving) return null;
    this.asked = true;
    const person = this.person;
    if (person === null || this.title.trim() === "") return null;
    this.saving = true;
    this.error = null;
    try {
      const done = await this.#host.addTask(person.id, this.kind, this.title.trim(), this.due, this.#me, this.promisedTo);
      this.#saved = true;
      return done;
    } catch (thrown) {
      this.error = asError(thrown);
      this.saving = false;
      return null;
    }
  };
}

export class OldTask {
  due = $state<string | null>(null);
  once = new Once();

  #host: Host;
  #task: TaskView;
  #now: () => number;

  constructor(host: Host, task: TaskView, now: () => number = Date.now) {
    this.#host = host;
    this.#task = task;
    this.#now = now;
    this.due = task.due;
  }

  get moved(): boolean {
    return this.due !== this.#task.due;
  }

  step(days: number) {
    this.due = daysOn(this.due ?? isoDay(this.#now()), days);
  }

  move = () => this.once.do(() => this.#host.setTaskDue(this.#task.case, this.#task.id, this.due));
  remove = () => this.once.do(() => this.#host.removeTask(this.#task.case, this.#task.id));
}
