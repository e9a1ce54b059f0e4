import { afterEach, describe, expect, it } from "vitest";
import { covered, plainKey, writes } from "./keys";

afterEach(() => document.body.replaceChildren());
const put = (html: string) => {
  document.body.innerHTML = html;
  return document.body.querySelector("[data-at]");
};

describe("a key press", () => {
  it("is a plain key only on its own", () => {
    const key = (key: string, more: KeyboardEventInit = {}) => plainKey(new KeyboardEvent("keydown", { key, ...more }));
    expect([key("J"), key("?", { shiftKey: true }), key("Escape"), key("F9")]).toEqual(["j", "?", "Escape", "F9"]);
    expect([key("k", { ctrlKey: true }), key("k", { metaKey: true }), key("k", { altKey: true }), key("a", { isComposing: true })]).toEqual([null, null, null, null]);
  });

  it("that somebody has taken is nobody else's", () => {
    const event = new KeyboardEvent("keydown", { key: "h", cancelable: true });
    event.preventDefault();
    expect(plainKey(event)).toBeNull();
  });

  it("belongs to whatever writes", () => {
    for (const html of ["<input data-at>", "<input type=search data-at>", "<textarea data-at></textarea>", "<select data-at></select>", "<p contenteditable><b data-at></b></p>"]) expect(writes(put(html)), html).toBe(true);
    for (const html of ["<button data-at></button>", "<input type=radio data-at>", "<input type=checkbox data-at>", "<p data-at></p>"]) expect(writes(put(html)), html).toBe(false);
    expect(writes(null)).toBe(false);
  });

  it("belongs to what lies over the page", () => {
    expect(covered()).toBe(false);
    put('<div role="dialog" aria-modal="true"></div>');
    expect(covered()).toBe(true);
  });
});
