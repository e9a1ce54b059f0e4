// A second secret is chosen or forgotten. Nothing that was typed stays here once it was given.
import type { ErrorView } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

export type Asks = "choose" | "forget";

export class Choosing {
  /** what the sheet is open for */
  asks = $state<Asks | null>(null);
  understood = $state(false);
  first = $state("");
  second = $state("");
  again = $state("");
  busy = $state(false);
  /** both secrets were asked for and differ */
  differs = $state(false);
  error = $state.raw<ErrorView | null>(null);

  #host: Pick<Host, "chooseDuress" | "forgetDuress">;
  #done: () => void;

  constructor(host: Pick<Host, "chooseDuress" | "forgetDuress">, done: () => void) {
    this.#host = host;
    this.#done = done;
  }

  open(asks: Asks) {
    this.close();
    this.asks = asks;
  }

  close() {
    this.#forget();
    this.asks = null;
    this.understood = false;
    this.differs = false;
    this.error = null;
  }

  get ready(): boolean {
    return this.first !== "" && (this.asks === "forget" || (this.understood && this.second !== "" && this.again !== ""));
  }

  /** true when it was done */
  async go(): Promise<boolean> {
    if (this.busy || !this.ready) return false;
    this.differs = this.asks === "choose" && this.second !== this.again;
    if (this.differs) return false;
    this.busy = true;
    this.error = null;
    try {
      if (this.asks === "choose") await this.#host.chooseDuress(this.first, this.second);
      else await this.#host.forgetDuress(this.first);
      this.close();
      this.#done();
    } catch (thrown) {
      this.error = asError(thrown);
      this.#forget();
    }
    this.busy = false;
    return this.error === null;
  }

  #forget() {
    this.first = "";
    this.second = "";
    this.again = "";
  }
}
