// A new step begins where its heading is, for a keyboard and for a screen reader, and at the top of what scrolls.
export function arrive(node: HTMLElement) {
  node.closest(".scroll")?.scrollTo({ top: 0 });
  node.focus({ preventScroll: true });
}

/** what appears below comes into sight */
export function intoSight(node: HTMLElement) {
  node.scrollIntoView({ block: "nearest" });
}

/** stands ready for the keyboard once what lay over the page is gone */
export function standReady(node: HTMLElement) {
  const soon = setTimeout(() => node.isConnected && node.focus({ preventScroll: true }));
  return () => clearTimeout(soon);
}
