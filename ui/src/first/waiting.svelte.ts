// Asking once more whether one is let in, or with another invitation; the page turns by itself when one is.
import type { AppState, ErrorView } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

export class Waiting {
  busy = $state(false);
  asked = $state(false);
  error = $state.raw<ErrorView | null>(null);
  /** another invitation is being answered instead */
  anew = $state(false);

  #host: Host;
  #look: () => Promise<void>;
  #take: (state: AppState) => void;

  /** `error`: what stood in the way of the first asking */
  constructor(host: Host, look: () => Promise<void>, take: (state: AppState) => void, error: ErrorView | null = null) {
    this.#host = host;
    this.#look = look;
    this.#take = take;
    this.error = error;
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

  begin(anew: boolean) {
    this.anew = anew;
    this.error = null;
  }

  /** the vault is the same, so the secret is too */
  answer = async (invitation: string, secret: string): Promise<void> => {
    if (this.busy) return;
    this.busy = true;
    this.error = null;
    try {
      this.#take(await this.#host.joinOrganisation(invitation.replace(/\s+/g, ""), secret));
      this.anew = false;
    } catch (thrown) {
      this.error = asError(thrown);
      if (this.error.code.startsWith("net.")) {
        this.anew = false;
        await this.#look();
      }
    }
    this.busy = false;
  };
}
