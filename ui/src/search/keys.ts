// The key that leads to search: Ctrl or Cmd with K, which is never a letter of somebody's text.
type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "defaultPrevented">;

export const finds = (event: Pressed): boolean => !event.defaultPrevented && !event.altKey && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
