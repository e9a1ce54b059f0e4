// A new step begins where its heading is, for a keyboard and for a screen reader, and at the top of what scrolls.
export function arrive(node: HTMLElement) {
  node.closest(".scroll")?.scrollTo({ top: 0 });
  node.focus({ preventScroll: true });
}
