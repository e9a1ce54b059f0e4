// Asking once more whether one is let in; the page turns by itself when one is.
import type { ErrorView } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

export class Waiting {
  busy = $state(false);
  asked = $state(false);
  error = $state.raw<ErrorView | null>(null);

  #host: Host;
  #look: () => Promise<void>;

  constructor(host: Host, look: () => Promise<void>) {
    this.#host = host;
    this.#look = look;
  }

  ask = async (): Promise<void> => {
    if (this.busy) return;
    this.busy = true;
    this.asked = false;
    this.error = null;
    try {
      await this.#host.syncNow();
      this.asked = true;
    } catch (thrown) {
      this.error = asError(thrown);
    }
    await this.#look();
    this.busy = false;
  };
}
