// The host inside the app: commands and the event "changed" of the Tauri window.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Changed } from "./bindings";
import { hostOver } from "./commands";
import { asError } from "./error";
import type { Host } from "./host";

export function tauriHost(): Host {
  return hostOver(
    (command, args) =>
      invoke(command, args).catch((thrown: unknown) => {
        throw asError(thrown);
      }) as Promise<never>,
    (listener) => {
      const stop = listen<Changed>("changed", (event) => listener(event.payload));
      return () => void stop.then((off) => off());
    },
  );
}
