// The keyboard map of the house: which key does what, where. What the keys do is decided by whoever asks.
export type Place = "today" | "cases" | "conflicts" | "people" | "search" | "settings" | "help";
export type Act = "hide" | "keys" | "find" | "note" | "log" | "next" | "previous" | "pane1" | "pane2" | "pane3" | "back" | "leave" | `go:${Place}`;

export type Scene = {
  /** single letters are turned on */
  single: boolean;
  /** a text field has the keyboard */
  writing: boolean;
  /** something lies over the page */
  covered: boolean;
  /** the screen takes digits, J, K, N and letters of its own itself */
  choosing: boolean;
};

/** how long G waits for its second letter, in milliseconds */
export const G_WAITS = 1_500;

export const GO: Record<string, Place> = { d: "today", f: "cases", k: "conflicts", m: "people", s: "search", i: "settings", h: "help" };

const SINGLE: Record<string, Act> = { "/": "find", "?": "keys" };
const AT_CASES: Record<string, Act> = { j: "next", k: "previous", n: "note", l: "log", "1": "pane1", "2": "pane2", "3": "pane3" };

export class Keys {
  #gAt: number | null = null;

  /** `at` in milliseconds of any clock that only goes forward */
  read(key: string, at: number, scene: Scene): Act | null {
    const afterG = this.#gAt !== null && at - this.#gAt <= G_WAITS;
    this.#gAt = null;
    if (key === "F9") return "hide";
    if (scene.covered) return null;
    if (key === "Escape") return scene.writing ? "leave" : "back";
    if (scene.writing || !scene.single) return null;
    if (afterG) return GO[key] ? `go:${GO[key]}` : null;
    if (key === "g") {
      this.#gAt = at;
      return null;
    }
    return SINGLE[key] ?? (scene.choosing ? null : (AT_CASES[key] ?? null));
  }
}

export type Group = "everywhere" | "go" | "cases" | "conflicts" | "people";
/** `keys` side by side mean either; "then" between two means one after the other */
export type Shortcut = { name: string; keys: string[]; group: Group; then?: boolean; always?: boolean };

/** in the order in which they are told */
export const SHORTCUTS: Shortcut[] = [
  { name: "find", keys: ["/"], group: "everywhere" },
  { name: "keys", keys: ["?"], group: "everywhere" },
  { name: "hide", keys: ["F9"], group: "everywhere", always: true },
  { name: "back", keys: ["Esc"], group: "everywhere", always: true },
  ...Object.entries(GO).map(([key, name]): Shortcut => ({ name, keys: ["G", key.toUpperCase()], group: "go", then: true })),
  { name: "walk", keys: ["J", "K"], group: "cases" },
  { name: "walk", keys: ["↓", "↑"], group: "cases", always: true },
  { name: "open", keys: ["↵"], group: "cases", always: true },
  { name: "note", keys: ["N"], group: "cases" },
  { name: "log", keys: ["L"], group: "cases" },
  { name: "panes", keys: ["1", "2", "3"], group: "cases" },
  { name: "choose", keys: ["1", "2"], group: "conflicts" },
  { name: "walk", keys: ["J", "K"], group: "conflicts" },
  { name: "next", keys: ["N"], group: "conflicts" },
  { name: "undo", keys: ["U"], group: "conflicts" },
  { name: "history", keys: ["H"], group: "conflicts" },
  { name: "enrol", keys: ["N"], group: "people" },
  { name: "block", keys: ["S"], group: "people" },
  { name: "sheet", keys: ["R"], group: "people" },
  { name: "walk", keys: ["J", "K"], group: "people" },
];

/** the few that stand in the hint bar of a screen */
export function hints(at: Group, single: boolean, onCase: boolean): Shortcut[] {
  const wanted = at === "people" ? ["enrol", "block", "sheet", "walk", "hide"] : at === "conflicts" ? ["choose", "walk", "next", "undo", "history", "hide"] : at === "cases" ? ["walk", "open", ...(onCase ? ["note", "log", "panes"] : []), "hide", "keys"] : ["find", "hide", "keys"];
  const known = SHORTCUTS.filter((s) => (s.group === at || s.group === "everywhere") && wanted.includes(s.name) && (single ? s.keys[0] !== "↓" : s.always));
  return wanted.flatMap((name) => known.filter((s) => s.name === name));
}
