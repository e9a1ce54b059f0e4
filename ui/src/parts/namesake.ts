// Two people may have chosen the same alias. A mark that follows from the case, and a second line, tell them apart wherever a name stands.
import { getContext, setContext } from "svelte";

export const SHAPES = ["circle", "square", "triangle", "diamond", "drop", "bars"] as const;
export const TINTS = ["fjord", "amber", "ink"] as const;
export type Shape = (typeof SHAPES)[number];
export type Tint = (typeof TINTS)[number];
export type Mark = { shape: Shape; tint: Tint };
export type Namesake = Mark & { label: string; line: string };

const FIRST = 0x811c9dc5;

/** FNV-1a: the same id gives the same number on every device */
function number(id: string): number {
  let n = FIRST;
  for (const c of id) n = Math.imul(n ^ (c.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return n;
}

const place = (id: string) => number(id) % (SHAPES.length * TINTS.length);
const markAt = (n: number): Mark => ({ shape: SHAPES[n % SHAPES.length] ?? "circle", tint: TINTS[Math.floor(n / SHAPES.length) % TINTS.length] ?? "ink" });
const folded = (alias: string) => alias.trim().normalize("NFKC").toLocaleLowerCase();

/** the marks of everyone who shares an alias with somebody else; of two with the same mark, the one with the later id takes the next */
export function marks(people: { id: string; alias: string }[]): Map<string, Mark> {
  const groups = new Map<string, string[]>();
  for (const p of people) groups.set(folded(p.alias), [...(groups.get(folded(p.alias)) ?? []), p.id]);
  const out = new Map<string, Mark>();
  for (const ids of groups.values()) {
    if (ids.length < 2) continue;
    const taken = new Set<number>();
    for (const id of ids.toSorted()) {
      let at = place(id);
      while (taken.has(at) && taken.size < SHAPES.length * TINTS.length) at = (at + 1) % (SHAPES.length * TINTS.length);
      taken.add(at);
      out.set(id, markAt(at));
    }
  }
  return out;
}

const KEY = Symbol("namesakes");
type Ask = (id: string) => Namesake | null;

export const provideNamesakes = (ask: Ask): Ask => setContext(KEY, ask);

/** null for everyone whose alias is their own; outside the house for everyone */
export const useNamesakes = (): Ask => getContext<Ask | undefined>(KEY) ?? (() => null);
