// What a key press means before anybody gives it a meaning: a plain key, or one that belongs to a text field or to the system.

/** true where a letter is a letter: in text fields, and anywhere else that writes */
export function writes(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input:not([type=radio], [type=checkbox], [type=button]), textarea, select, [contenteditable]") !== null;
}

/** the key on its own in lower case; null when it goes with Ctrl, Alt or Meta, is part of a word being composed, or was taken by somebody */
export function plainKey(event: KeyboardEvent): string | null {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return null;
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

/** something lies over the page and holds the keyboard */
export const covered = (): boolean => document.querySelector('[aria-modal="true"]') !== null;
