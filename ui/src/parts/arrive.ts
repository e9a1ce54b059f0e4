// A new step begins where its heading is, for a keyboard and for a screen reader. Nothing scrolls by it.
export const arrive = (node: HTMLElement) => node.focus({ preventScroll: true });
