// Deciding about what blocked devices handed in, thing by thing or all of an item.
import type { ErrorView, Quarantined, Salvaged } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

/** items with something to decide, the oldest first, each with only its open things; one that cannot be read stays in sight */
export const waitingItems = (all: Quarantined[]): Quarantined[] =>
  all.filter((item) => item.open > 0 || (item.code !== null && item.things.length === 0)).map((item) => ({ ...item, things: item.things.filter((thing) => thing.state === "open") }));

export class Deciding {
  busy = $state(false);
  error = $state.raw<ErrorView | null>(null);
  taken = $state(0);
  left = $state(0);

  #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** without a thing: all of the item */
  async decide(item: Quarantined, thing: Salvaged | null, accept: boolean): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = null;
    try {
      const key = thing?.key ?? null;
      if (accept) this.taken += await this.#host.acceptQuarantined(item.id, key);
      else this.left += await this.#host.rejectQuarantined(item.id, key);
    } catch (thrown) {
      this.error = asError(thrown);
    }
    this.busy = false;
  }
}
