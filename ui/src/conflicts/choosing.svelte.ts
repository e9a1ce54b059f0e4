// Walking through what was written in more than one way, choosing, and taking a choice back.
import type { CaseView, ConflictCard, ErrorView } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

/** as many as a page holds */
export const PAGE = 50;
/** how long the device keeps what takes a choice back */
export const UNDOABLE = 86_400_000;

const began = (c: ConflictCard) => Math.max(0, ...c.values.map((v) => v.at));
/** the one that has waited longest first; the same on every device */
export const inOrder = (cards: ConflictCard[]): ConflictCard[] => cards.toSorted((a, b) => began(a) - began(b) || (a.id < b.id ? -1 : 1));
/** Unix milliseconds since when there has been something to choose */
export const since = (card: ConflictCard): number => began(card);

/** the last word of a field says what kind of thing it is */
export const kindOf = (field: string): string => field.split(".").at(-1) ?? field;

export type Named = Pick<CaseView, "tasks" | "offers">;
type Kept = { undo: string; at: number };
/** a card that stays in sight after a choice, or after the choice was taken back */
export type Told = { card: ConflictCard; place: number; value: string; at: number; takenBack: boolean };

/** Choices outlive the screen and a lock. They hold no word of a person. */
const kept: Kept[] = [];
const forget = (one: Kept) => void kept.splice(kept.indexOf(one), 1);
export const forgetChoices = (): void => void kept.splice(0);

export class Choosing {
  told = $state.raw<Told | null>(null);
  error = $state.raw<ErrorView | null>(null);
  busy = $state(false);
  /** what can be taken back, newest last */
  kept = $state.raw<Kept[]>([]);
  names = $state.raw<ReadonlyMap<string, Named>>(new Map());

  #host: Host;
  #list: () => ConflictCard[];
  #now: () => number;
  #wanted = $state<string | null>(null);
  #place = $state(0);
  #naming = 0;
  #of: string | null;

  cards = $derived.by(() => inOrder(this.#list()));
  /** the chosen one stays where it stood */
  #stands = $derived.by(() => {
    const told = this.told;
    if (!told || this.#again || this.cards.some((c) => c.id === told.card.id)) return this.cards;
    return this.cards.toSpliced(Math.min(told.place, this.cards.length), 0, told.card);
  });
  /** the same question, listed again after its choice was taken back */
  #again = $derived.by(() => {
    const told = this.told;
    return (told?.takenBack && this.cards.find((c) => c.case === told.card.case && c.field === told.card.field)) || null;
  });
  /** 0-based place of the one in sight */
  at = $derived.by(() => {
    const wanted = this.#again && this.#wanted === this.told?.card.id ? this.#again.id : this.#wanted;
    const found = this.#stands.findIndex((c) => c.id === wanted);
    if (found >= 0) return found;
    const first = this.#wanted === null ? this.#stands.findIndex((c) => c.case === this.#of) : -1;
    return first >= 0 ? first : Math.max(0, Math.min(this.#place, this.#stands.length - 1));
  });
  current = $derived<ConflictCard | null>(this.#stands[this.at] ?? null);
  page = $derived(Math.floor(this.at / PAGE));
  pages = $derived(Math.max(1, Math.ceil(this.#stands.length / PAGE)));
  shown = $derived(this.#stands.slice(this.page * PAGE, (this.page + 1) * PAGE));
  all = $derived(this.#stands.length);

  /** `of` names the case to begin with */
  constructor(host: Host, list: () => ConflictCard[], of: string | null = null, now: () => number = Date.now) {
    this.#host = host;
    this.#of = of;
    this.#list = list;
    this.#now = now;
    this.#recall();
  }

  /** what happened to this card, if it is the one just chosen */
  toldOf(card: ConflictCard): Told | null {
    return this.told && (this.told.card.id === card.id || this.#again?.id === card.id) ? this.told : null;
  }

  /** false once a value was chosen, also after that was taken back, unless the question came back to the list */
  isOpen(card: ConflictCard): boolean {
    return this.told?.card.id !== card.id;
  }

  select(id: string) {
    if (id !== this.told?.card.id) this.told = null;
    this.error = null;
    this.#wanted = id;
    this.#place = Math.max(0, this.#stands.findIndex((c) => c.id === id));
  }

  step(by: number) {
    const next = this.#stands[Math.min(Math.max(this.at + by, 0), this.#stands.length - 1)];
    if (next) this.select(next.id);
  }

  /** on from one that is settled, or to the one after */
  next() {
    if (!this.told || this.at < this.#stands.length - 1) return this.step(1);
    this.#place = Math.max(0, this.at - 1);
    this.#wanted = this.#stands[this.#place]?.id ?? "";
    this.told = null;
  }

  toPage(page: number) {
    const first = this.#stands[Math.min(Math.max(page, 0), this.pages - 1) * PAGE];
    if (first) this.select(first.id);
  }

  /** keeps the `n`th value, from 1 */
  async choose(card: ConflictCard, n: number): Promise<void> {
    const value = card.values[n - 1];
    if (!value || this.busy || !this.isOpen(card)) return;
    const place = this.#stands.indexOf(card);
    await this.#attempt(async () => {
      const done = await this.#host.resolve(card.case, card.id, value.value);
      const at = this.#now();
      kept.push({ undo: done.undo, at });
      this.told = { card, place, value: value.value, at, takenBack: false };
      this.#wanted = card.id;
      this.#place = place;
    });
  }

  /** takes back the newest choice that still can be */
  async undo(): Promise<void> {
    const last = this.kept.at(-1);
    if (!last || this.busy) return;
    await this.#attempt(async () => {
      await this.#host.undo(last.undo).catch((thrown: unknown) => {
        if (asError(thrown).code === "undo.gone") forget(last);
        throw thrown;
      });
      forget(last);
      if (this.told?.at === last.at) this.told = { ...this.told, takenBack: true };
    });
  }

  /** what the cases call the things in question: of the one in sight first, then of the rest of the page */
  async name(): Promise<void> {
    const turn = ++this.#naming;
    const cases = new Set([this.current?.case, ...this.shown.map((c) => c.case)].filter((id) => id !== undefined));
    for (const id of cases) {
      if (turn !== this.#naming) return;
      if (this.names.has(id)) continue;
      const view = await this.#host.caseView(id).catch(() => null);
      if (view) this.names = new Map(this.names).set(id, { tasks: view.tasks, offers: view.offers });
    }
  }

  /** the screen has gone */
  stop() {
    this.#naming += 1;
  }

  async #attempt(act: () => Promise<void>) {
    this.busy = true;
    this.error = null;
    try {
      await act();
    } catch (thrown) {
      this.error = asError(thrown);
    }
    this.busy = false;
    this.#recall();
  }

  #recall() {
    const oldest = this.#now() - UNDOABLE;
    this.kept = kept.filter((k) => k.at > oldest);
  }
}
