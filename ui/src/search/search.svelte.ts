// Search as one types, with a small pause. Only the last question is answered, and nothing is kept once one leaves.
import type { ErrorView, SearchHit, SearchView } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

export const PAUSE = 160;
export const KINDS = ["note", "meeting", "offer", "task", "profile"] as const satisfies readonly SearchHit["kind"][];
type Kind = SearchHit["kind"];

export class Search {
  text = $state("");
  view = $state.raw<SearchView | null>(null);
  error = $state.raw<ErrorView | null>(null);
  only = $state<Kind | null>(null);

  #host: Pick<Host, "search">;
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Pick<Host, "search">) {
    this.#host = host;
  }

  typed(text: string) {
    this.text = text;
    clearTimeout(this.#timer);
    this.#turn += 1;
    if (text.trim() === "") return this.#empty();
    this.#timer = setTimeout(() => void this.ask(), PAUSE);
  }

  ask = async (): Promise<void> => {
    const turn = ++this.#turn;
    clearTimeout(this.#timer);
    try {
      const view = await this.#host.search(this.text);
      if (turn !== this.#turn) return;
      this.view = view;
      this.error = null;
      if (this.only !== null && !this.counts.some((c) => c.kind === this.only)) this.only = null;
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.view = null;
      this.error = asError(thrown);
    }
  };

  /** how many of each kind were found; one kind alone needs no choice */
  get counts(): { kind: Kind; count: number }[] {
    const hits = this.view?.groups.flatMap((g) => g.hits) ?? [];
    return KINDS.map((kind) => ({ kind, count: hits.filter((h) => h.kind === kind).length })).filter((c) => c.count > 0);
  }

  get total(): number {
    return this.counts.reduce((sum, c) => sum + c.count, 0);
  }

  get groups(): SearchView["groups"] {
    const only = this.only;
    const all = this.view?.groups ?? [];
    if (only === null) return all;
    return all.map((g) => ({ ...g, hits: g.hits.filter((h) => h.kind === only) })).filter((g) => g.hits.length > 0);
  }

  get nothing(): boolean {
    return this.view !== null && this.view.groups.length === 0;
  }

  /** an answer under way is not waited for, and what was found goes */
  leave() {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.text = "";
    this.#empty();
  }

  #empty() {
    this.view = null;
    this.error = null;
    this.only = null;
  }
}
