// Keeps one note: what is typed reaches the vault by itself, one write at a time, and others' words find their way in.
import type { ErrorView, NoteView } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";
import { merge, span } from "./merge";

/** quiet after typing, and the longest a change may stay unwritten while typing goes on */
const QUIET = 200;
const LONGEST = 800;
const RETRY = [1_000, 2_000, 5_000, 15_000, 30_000];

export type Caret = { start: number; end: number; scroll: number };
export type Voice = { words: string; who: string; at: number };
export type Saved = "nothing" | "typing" | "writing" | "saved" | "failed";

export class NoteKeeper {
  /** what the person has, merged with what others have: the truth of this screen */
  text = $state("");
  view = $state.raw<NoteView | null>(null);
  status = $state<Saved>("nothing");
  savedAt = $state<number | null>(null);
  error = $state.raw<ErrorView | null>(null);
  /** what others wrote since the note was opened here */
  voices = $state.raw<Voice[]>([]);
  caret: Caret = { start: 0, end: 0, scroll: 0 };
  /** told when `text` changed from outside; the screen shows it when the keyboard lets it */
  onmerged: () => void = () => undefined;

  /** told when the first write has made the note */
  onmade: (id: string) => void = () => undefined;

  readonly caseId: string;
  noteId: string | null;
  #host: Host;
  /** what the text field shows; behind `text` only while a word is being composed */
  #shown = "";
  #written = "";
  #base: string | null = null;
  #flight: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dirtySince: number | null = null;
  #failures = 0;
  #writes = 0;
  #closed = false;

  constructor(host: Host, caseId: string, noteId: string | null) {
    this.#host = host;
    this.caseId = caseId;
    this.noteId = noteId;
  }

  get dirty(): boolean {
    if (this.noteId === null && this.text.trim() === "") return false;
    return this.text !== this.#written;
  }

  /** reads what the vault has; what is unwritten here stays and is written again */
  open = async (): Promise<void> => {
    this.#closed = false;
    if (this.noteId === null || this.#flight) return this.dirty ? this.#later() : undefined;
    const writes = this.#writes;
    try {
      const view = await this.#host.noteOpen(this.caseId, this.noteId);
      // an answer from before a write would look as if others had removed what was just written
      if (this.#flight || writes !== this.#writes) return;
      this.#take(view, this.#written);
      if (this.status !== "failed") this.error = null;
      if (this.dirty) this.#later();
    } catch (thrown) {
      this.error = asError(thrown);
    }
  };

  /** every change of the text field, with the field's whole value */
  typed(value: string): void {
    this.text = this.text === this.#shown ? value : merge(this.#shown, value, this.text).text;
    this.#shown = value;
    if (!this.dirty) return;
    this.#dirtySince ??= Date.now();
    if (this.status !== "failed") this.status = "typing";
    this.#later();
  }

  /** the merged text for the field, and where a place in the field has gone */
  catchUp(): (place: number) => number {
    const { place } = merge(this.#shown, this.#shown, this.text);
    this.#shown = this.text;
    return place;
  }

  /** writes what is unwritten now; true when everything is in the vault */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    await this.#flight;
    if (this.dirty) await this.#write();
    return !this.dirty;
  }

  async finish(finished: boolean): Promise<void> {
    if (!(await this.flush()) || this.noteId === null) return;
    try {
      this.#take(await this.#host.noteFinish(this.caseId, this.noteId, finished), this.#written);
    } catch (thrown) {
      this.error = asError(thrown);
    }
  }

  hush(): void {
    this.voices = [];
  }

  /** no more retries of their own; what is unwritten is kept for the next opening */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #later(): void {
    clearTimeout(this.#timer);
    const waited = this.#dirtySince === null ? 0 : Date.now() - this.#dirtySince;
    this.#timer = setTimeout(() => void this.#write(), Math.max(0, Math.min(QUIET, LONGEST - waited)));
  }

  #write(): Promise<void> {
    this.#flight ??= this.#writeOnce().finally(() => {
      this.#flight = null;
      if (this.dirty && this.status !== "failed") this.#later();
    });
    return this.#flight;
  }

  async #writeOnce(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.dirty) return;
    const sent = this.text;
    this.#dirtySince = null;
    if (this.status !== "failed") this.status = "writing";
    try {
      const view = await this.#host.noteWrite(this.caseId, this.noteId, sent, this.#base);
      this.#failures = 0;
      this.#writes += 1;
      this.#take(view, sent);
      this.error = null;
      this.savedAt = Date.now();
      this.status = this.dirty ? "typing" : "saved";
    } catch (thrown) {
      this.error = asError(thrown);
      this.status = "failed";
      this.#dirtySince ??= Date.now();
      const wait = RETRY[Math.min(this.#failures++, RETRY.length - 1)];
      if (!this.#closed) this.#timer = setTimeout(() => void this.#write(), wait);
    }
  }

  /** an answer to `sent`: words typed meanwhile stay, others' words come in */
  #take(view: NoteView, sent: string): void {
    const mine = this.text;
    this.view = view;
    if (this.noteId === null) this.onmade(view.id);
    this.noteId = view.id;
    this.#base = view.base;
    this.#written = view.text;
    if (view.changed_at > (this.savedAt ?? 0)) this.savedAt = view.changed_at;
    if (this.status === "nothing" && view.text) this.status = "saved";
    this.#hear(view);
    if (view.text === sent) return;
    this.text = mine === sent ? view.text : merge(sent, mine, view.text).text;
    if (this.dirty) this.#dirtySince ??= Date.now();
    this.onmerged();
  }

  #hear(view: NoteView): void {
    const heard = view.others.map((o) => ({ words: span(view.text, o.start, o.end), who: o.who, at: o.at }));
    const fresh = heard.filter((v) => v.words.trim() && !this.voices.some((k) => k.who === v.who && k.at === v.at));
    if (fresh.length) this.voices = [...this.voices, ...fresh];
  }
}

/** the notes open since unlock, so that lock and unlock come back to the same text and the same caret */
export class NoteDesk {
  #host: Host;
  #keepers = new Set<NoteKeeper>();
  #carets = new Map<string, Caret>();
  #locked = false;

  constructor(host: Host) {
    this.#host = host;
  }

  keeper(caseId: string, noteId: string | null): NoteKeeper {
    this.#locked = false;
    for (const kept of this.#keepers) if (kept.caseId === caseId && kept.noteId === noteId) return kept;
    const kept = new NoteKeeper(this.#host, caseId, noteId);
    const caret = noteId === null ? undefined : this.#carets.get(noteId);
    if (caret) kept.caret = caret;
    this.#keepers.add(kept);
    return kept;
  }

  /** true when a caret was left in this note before the lock */
  hasCaret(noteId: string | null): boolean {
    return noteId !== null && this.#carets.has(noteId);
  }

  async flushAll(): Promise<boolean> {
    const all = await Promise.all([...this.#keepers].map((k) => k.flush()));
    return all.every(Boolean);
  }

  /** the screen has left this note for another place */
  async leave(keeper: NoteKeeper): Promise<void> {
    if (this.#locked) return;
    keeper.close();
    if (keeper.noteId !== null) this.#carets.delete(keeper.noteId);
    await keeper.flush();
    this.#forget(keeper);
  }

  /** the app locks: carets stay, text does not, unless the vault would not take it */
  async lock(): Promise<boolean> {
    this.#locked = true;
    for (const k of this.#keepers) {
      k.close();
      if (k.noteId !== null) this.#carets.set(k.noteId, k.caret);
    }
    const all = await this.flushAll();
    for (const k of this.#keepers) {
      if (k.noteId !== null) this.#carets.set(k.noteId, k.caret);
      this.#forget(k);
    }
    return all;
  }

  /** the vault these texts were meant for is no more */
  empty(): void {
    for (const k of this.#keepers) k.close();
    this.#keepers.clear();
    this.#carets.clear();
  }

  #forget(keeper: NoteKeeper): void {
    if (!keeper.dirty) this.#keepers.delete(keeper);
  }
}
