// The report: read in full before it is saved, and saved as it was read.
import type { ErrorView, Report } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

export class Reporting {
  /** where the file went */
  place = $state<string | null>(null);
  error = $state.raw<ErrorView | null>(null);
  busy = $state(false);

  #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  save = async (shown: Report): Promise<void> => {
    if (this.busy) return;
    this.busy = true;
    this.error = null;
    this.place = null;
    try {
      this.place = await this.#host.saveReport(shown);
    } catch (thrown) {
      this.error = asError(thrown);
    }
    this.busy = false;
  };
}
