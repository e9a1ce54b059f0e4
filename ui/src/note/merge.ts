// Two people's changes to one text, put together without losing a word of either. Pure, on UTF-16 strings.

/** what became of a text: which of its units stayed, and what was put in before each of them (and at the end) */
type Change = { kept: boolean[]; put: Map<number, string> };

const MAX_CELLS = 1_000_000;
const pieces = (text: string) => text.match(/\s+|[^\s]+/g) ?? [];
const isLow = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;

/** lengths of the shared beginning and end, never inside a surrogate pair */
function shared(a: string, b: string): [number, number] {
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && a[head] === b[head]) head++;
  if (head > 0 && (isLow(a.charCodeAt(head)) || isLow(b.charCodeAt(head)))) head--;
  let tail = 0;
  while (tail < most - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  if (tail > 0 && isLow(a.charCodeAt(a.length - tail))) tail--;
  return [head, tail];
}

/** pairs of equal words, longest common run of them, by the textbook table */
function samePieces(a: string[], b: string[]): [number, number][] {
  const wide = b.length + 1;
  const table = new Uint32Array((a.length + 1) * wide);
  const at = (i: number, j: number) => table[i * wide + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) table[i * wide + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

function replace(change: Change, from: number, before: string, after: string) {
  const [head, tail] = shared(before, after);
  for (let i = head; i < before.length - tail; i++) change.kept[from + i] = false;
  const words = after.slice(head, after.length - tail);
  if (words) change.put.set(from + head, (change.put.get(from + head) ?? "") + words);
}

function changeOf(from: string, to: string): Change {
  const change: Change = { kept: new Array<boolean>(from.length).fill(true), put: new Map() };
  let [head, tail] = shared(from, to);
  // whole words are compared with whole words
  while (head > 0 && !/\s/.test(from[head - 1] ?? "")) head--;
  while (tail > 0 && !/\s/.test(from[from.length - tail] ?? "")) tail--;
  const a = pieces(from.slice(head, from.length - tail));
  const b = pieces(to.slice(head, to.length - tail));
  const pairs = a.length * b.length > MAX_CELLS ? [] : samePieces(a, b);
  let i = 0;
  let j = 0;
  let at = head;
  for (const [x, y] of [...pairs, [a.length, b.length] as const]) {
    const before = a.slice(i, x).join("");
    replace(change, at, before, b.slice(j, y).join(""));
    at += before.length + (a[x]?.length ?? 0);
    i = x + 1;
    j = y + 1;
  }
  return change;
}

export type Merged = {
  text: string;
  /** where a place in `mine` is in the merged text */
  place(inMine: number): number;
};

/** `mine` and `theirs` both grew out of `base`: everything either put in stays, only what somebody took out is gone */
export function merge(base: string, mine: string, theirs: string): Merged {
  const my = changeOf(base, mine);
  const their = changeOf(base, theirs);
  const places = new Array<number>(mine.length + 1).fill(0);
  let text = "";
  let seen = 0;
  for (let i = 0; i <= base.length; i++) {
    text += their.put.get(i) ?? "";
    const put = my.put.get(i) ?? "";
    for (let k = 0; k < put.length; k++) places[seen++] = text.length + k;
    text += put;
    if (i === base.length) break;
    if (my.kept[i]) places[seen++] = text.length;
    if (my.kept[i] && their.kept[i]) text += base[i];
  }
  places[mine.length] = text.length;
  return {
    text,
    place: (inMine) => {
      const at = Math.max(0, Math.min(inMine, mine.length));
      // a caret stays after the letter it stood after, so words put in behind it do not push it along
      const before = places[at - 1];
      return at === 0 || before === undefined ? (at === 0 ? 0 : text.length) : Math.min(before + 1, places[at] ?? text.length);
    },
  };
}

/** a span counted in whole characters, as Rust counts them, cut out of a string */
export function span(text: string, start: number, end: number): string {
  return [...text].slice(start, end).join("");
}
