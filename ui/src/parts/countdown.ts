// Ends something after a while. The clock stands still while the node has focus or the pointer rests on it.
export function countdown(ms: number, end: () => void) {
  return (node: HTMLElement) => {
    let left = ms;
    let began = Date.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = () => {
      clearTimeout(timer);
      began = Date.now();
      timer = setTimeout(end, left);
    };
    const pause = () => {
      if (timer === undefined) return;
      clearTimeout(timer);
      timer = undefined;
      left = Math.max(1_000, left - (Date.now() - began));
    };
    const resume = () => {
      if (!node.contains(document.activeElement)) run();
    };
    const events: [string, () => void][] = [["focusin", pause], ["focusout", () => setTimeout(resume)], ["pointerenter", pause], ["pointerleave", resume]];
    for (const [name, act] of events) node.addEventListener(name, act);
    run();
    return () => clearTimeout(timer);
  };
}
