// How much stands side by side, counted in letters rather than pixels: large text needs the same room as a small window.
export class Room {
  /** pixels of the window's inside, and of ten rem; measured by the page as soon as it stands */
  width = $state(innerWidth);
  tenRems = $state(10 * (parseFloat(getComputedStyle(document.documentElement).fontSize) || 16));

  #rems = $derived((this.width / Math.max(10, this.tenRems)) * 10);
  /** list, story and facts; list and case; or one at a time */
  panes = $derived<1 | 2 | 3>(this.#rems >= 75 ? 3 : this.#rems >= 56 ? 2 : 1);
  /** the rail shows its words under its pictures */
  narrow = $derived(this.#rems < 68.75);
}
