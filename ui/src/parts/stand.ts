// Brings what was asked for into sight, once it is there.
export function standBy(node: HTMLElement) {
  node.scrollIntoView({ block: "center" });
}
