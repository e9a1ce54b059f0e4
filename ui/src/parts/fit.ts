// Where a keyboard lies over the page instead of pushing it up, the page is made as high as what is left, so that nothing hides behind it.
const KEYBOARD = 80;

export function fitted(node: HTMLElement) {
  const view = window.visualViewport;
  if (!view) return;
  const fit = () => {
    // a page that somebody has enlarged with two fingers keeps its size
    const covered = view.scale < 1.01 && window.innerHeight - view.height > KEYBOARD;
    node.style.height = covered ? `${view.height}px` : "";
    node.style.translate = covered && view.offsetTop > 0 ? `0 ${view.offsetTop}px` : "";
    if (covered) document.activeElement?.scrollIntoView({ block: "nearest" });
  };
  view.addEventListener("resize", fit);
  view.addEventListener("scroll", fit);
  fit();
  return () => {
    view.removeEventListener("resize", fit);
    view.removeEventListener("scroll", fit);
  };
}
