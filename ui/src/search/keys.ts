// Which keys lead to search. A single letter never does while somebody writes.
type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "target" | "defaultPrevented">;

export function finds(event: Pressed): "combined" | "single" | null {
  if (event.defaultPrevented || event.altKey) return null;
  const held = event.ctrlKey || event.metaKey;
  if (held) return event.key.toLowerCase() === "k" ? "combined" : null;
  const writing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]") !== null;
  return event.key === "/" && !writing ? "single" : null;
}
