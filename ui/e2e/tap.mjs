// A thumb that counts. It taps only what is visible without scrolling, and fails at the fourth tap.
export class Thumb {
  #page;
  taps = 0;

  constructor(page) {
    this.#page = page;
  }

  async tap(locator, most = 3) {
    this.taps += 1;
    if (this.taps > most) throw new Error(`tap ${this.taps}: at most ${most} are allowed`);
    await locator.waitFor({ state: "visible", timeout: 15_000 });
    const box = await locator.boundingBox();
    const view = this.#page.viewportSize();
    if (!box || box.y < 0 || box.x < 0 || box.y + box.height > view.height || box.x + box.width > view.width) throw new Error(`tap ${this.taps}: not in sight without scrolling`);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const hit = await locator.evaluate((node, at) => {
      const top = document.elementFromPoint(at.x, at.y);
      return top !== null && (node === top || node.contains(top));
    }, { x, y });
    if (!hit) throw new Error(`tap ${this.taps}: something lies over it`);
    await this.#page.touchscreen.tap(x, y);
    await this.noKeyboard();
  }

  async noKeyboard() {
    const focused = await this.#page.evaluate(() => document.activeElement?.matches("input, textarea, [contenteditable]") ?? false);
    if (focused) throw new Error(`after tap ${this.taps}: a text field has focus, so a keyboard would open`);
  }
}
