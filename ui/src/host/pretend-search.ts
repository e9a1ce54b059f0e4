// How the pretend host finds words: as the device does, with case, accents and the spellings of æ, ø and å folded together.
import type { SearchPart } from "./bindings";

const SHOWN = 90;

export function folded(text: string): string {
  const plain = text.toLowerCase().normalize("NFKD").replace(/[\p{M}\u0640]/gu, "");
  return plain.replaceAll("æ", "ae").replaceAll("ø", "o").replaceAll("ß", "ss").replaceAll("ı", "i").replaceAll("oe", "o").replaceAll("aa", "a");
}

type Word = { text: string; at: number };
const words = (text: string): Word[] => [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].map((m) => ({ text: m[0], at: m.index }));
const begins = (word: string, wanted: string[]) => wanted.some((w) => folded(word).startsWith(w));

/** the words around the first hit, cut where a hit begins and ends; null when not every wanted word is there */
export function parts(text: string, wanted: string[]): SearchPart[] | null {
  const all = words(text);
  if (!wanted.every((w) => all.some((word) => folded(word.text).startsWith(w)))) return null;
  const hits = all.filter((word) => begins(word.text, wanted));
  const first = hits[0]?.at ?? 0;
  const from = first > 40 ? (all.find((w) => w.at >= first - 30)?.at ?? 0) : 0;
  const to = Math.min(text.length, from + SHOWN);
  const out: SearchPart[] = from > 0 ? [{ text: "… ", hit: false }] : [];
  let at = from;
  for (const hit of hits.filter((h) => h.at >= from && h.at < to)) {
    if (hit.at > at) out.push({ text: text.slice(at, hit.at), hit: false });
    out.push({ text: hit.text, hit: true });
    at = hit.at + hit.text.length;
  }
  if (at < to) out.push({ text: text.slice(at, to), hit: false });
  if (to < text.length) out.push({ text: " …", hit: false });
  return out;
}

/** how else the typed word was spelt where it was found */
export function alsoFound(text: string, typed: string, wanted: string[]): string[] {
  const own = typed.trim().toLowerCase();
  const out = new Set<string>();
  for (const { text: word } of words(text)) {
    for (const want of wanted) {
      if (!folded(word).startsWith(want)) continue;
      const length = [...word].findIndex((_, i, all) => folded(all.slice(0, i + 1).join("")).length >= want.length);
      const beginning = [...word].slice(0, length + 1).join("").toLowerCase();
      if (length >= 0 && !own.includes(beginning)) out.add(beginning);
    }
  }
  return [...out];
}
