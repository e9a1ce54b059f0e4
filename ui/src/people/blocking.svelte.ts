// Cutting a device off, and how far that has come: numbers of the device, never a guess.
import type { BreachSheet, ErrorView, Pending, RevokeReason, RosterDevice, SyncLine } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";
import { stillWaiting } from "./choosing.svelte";

export const REASONS: RevokeReason[] = ["lost", "left", "compromised"];

export class Blocking {
  /** nobody is led to a reason: it is chosen */
  reason = $state<RevokeReason | null>(null);
  busy = $state(false);
  error = $state.raw<ErrorView | null>(null);

  #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** true when it is decided */
  async block(device: string): Promise<boolean> {
    if (this.busy || this.reason === null) return false;
    this.busy = true;
    this.error = null;
    try {
      await this.#host.revoke(device, this.reason);
      return true;
    } catch (thrown) {
      this.error = asError(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}

export type Progress = {
  /** cases with a new key, of all the device had a key to; null where this device may not know */
  made: number | null;
  all: number | null;
  names: boolean | null;
  /** decisions that are here and not with the server */
  waiting: number;
  /** `blocked` where this device may not know how far the keys have come */
  state: "sending" | "waiting" | "others" | "done" | "blocked";
};

/** `sheet` is null where this device may not see it */
export function progress(device: Pick<RosterDevice, "standing">, sheet: BreachSheet | null, pending: Pending[], line: Pick<SyncLine, "state"> | null): Progress {
  const waiting = stillWaiting(pending, "revoke", "key");
  const complete = sheet !== null && sheet.renewed === sheet.cases.length && sheet.directory_renewed;
  const through = device.standing === "revoked";
  const state = waiting > 0 || !through ? (line?.state === "sending" ? "sending" : "waiting") : complete ? "done" : sheet ? "others" : "blocked";
  return { made: sheet?.renewed ?? null, all: sheet?.cases.length ?? null, names: sheet?.directory_renewed ?? null, waiting, state };
}
