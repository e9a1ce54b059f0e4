// The receipt as a file: made by the device as it stands now, and saved where the platform keeps downloads.
import type { ErrorView } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

export class Saving {
  place = $state<string | null>(null);
  error = $state.raw<ErrorView | null>(null);
  busy = $state(false);

  #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async save(device: string): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = null;
    this.place = null;
    try {
      this.place = await this.#host.saveReport(await this.#host.receipt(device));
    } catch (thrown) {
      this.error = asError(thrown);
    }
    this.busy = false;
  }
}
