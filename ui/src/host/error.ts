// Whatever a host throws, as the one shape that screens know.
import type { ErrorView } from "./bindings";

export function asError(thrown: unknown): ErrorView {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && typeof thrown.code === "string") {
    const wait = "wait_s" in thrown && typeof thrown.wait_s === "number" ? thrown.wait_s : null;
    const left = "left" in thrown && typeof thrown.left === "number" ? { left: thrown.left } : {};
    return { code: thrown.code, wait_s: wait, ...left };
  }
  return { code: "app.unknown", wait_s: null };
}
