// The list of cases on the wide screen: what is shown, in which order, and which alias is taken.
import type { CaseRow } from "../host/bindings";

/** an alias as it is looked for: without case, marks and the two ways of writing æ, ø and å */
export function fold(text: string): string {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase("da");
  return plain.replaceAll("ı", "i").replaceAll("ł", "l").replaceAll("æ", "ae").replaceAll("ø", "o").replaceAll("aa", "a").replaceAll("oe", "o");
}

const silence = (c: CaseRow) => c.days_since ?? Number.MAX_SAFE_INTEGER;

export class CaseList {
  filter = $state("");
  longestFirst = $state(true);
  #rows: () => CaseRow[];

  #ordered = $derived.by(() => (this.longestFirst ? this.#rows().toSorted((a, b) => silence(b) - silence(a)) : this.#rows()));

  shown = $derived.by(() => {
    const wanted = fold(this.filter.trim());
    return wanted ? this.#ordered.filter((c) => fold(c.alias).includes(wanted)) : this.#ordered;
  });

  all = $derived.by(() => this.#rows().length);

  constructor(rows: () => CaseRow[]) {
    this.#rows = rows;
  }

  isTaken(alias: string): boolean {
    const name = alias.trim().toLocaleLowerCase("da");
    return name !== "" && this.#rows().some((c) => c.alias.trim().toLocaleLowerCase("da") === name);
  }

  /** the one before or after; from nowhere, the first */
  step(from: string | null, by: 1 | -1): string | null {
    const at = this.shown.findIndex((c) => c.id === from);
    const next = at < 0 ? 0 : Math.min(Math.max(at + by, 0), this.shown.length - 1);
    return this.shown[next]?.id ?? null;
  }
}
