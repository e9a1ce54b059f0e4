// A long list drawn a page at a time, so that a case of years opens as fast as a new one.
export const PAGE = 50;

export class Pages {
  shown = $state(PAGE);

  /** `at` is a place in the list that must be among what is shown */
  constructor(at = -1) {
    this.reach(at);
  }

  reach(at: number) {
    if (at >= this.shown) this.shown = Math.ceil((at + 1) / PAGE) * PAGE;
  }

  more = () => {
    this.shown += PAGE;
  };

  of<T>(all: T[]): T[] {
    return all.length > this.shown ? all.slice(0, this.shown) : all;
  }

  /** how many the next page holds, and how many are not shown yet */
  left(total: number): { next: number; left: number } {
    const left = Math.max(0, total - this.shown);
    return { next: Math.min(PAGE, left), left };
  }
}
