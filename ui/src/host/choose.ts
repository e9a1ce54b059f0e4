// Which host this page has. The pretend one exists only in builds made for it, so the shipped bundle does not hold it.
import type { Host } from "./host";

export async function chooseHost(): Promise<Host> {
  if (import.meta.env.MODE === "pretend") return (await import("./pretend")).pretendHost();
  if ("__TAURI_INTERNALS__" in window) return (await import("./tauri")).tauriHost();
  if (document.querySelector('meta[name="host"][content="preview"]')) return (await import("./preview")).previewHost();
  throw { code: "env.no_session", wait_s: null };
}
