// One thing that a sheet does for a person: not twice at once, and what went wrong is kept to be said.
import type { ErrorView } from "../host/bindings";
import { asError } from "../host/error";

export class Once {
  working = $state(false);
  error = $state.raw<ErrorView | null>(null);

  /** what came of it; null when it failed, or is under way already. After it went well it is not done again. */
  do = async <T>(what: () => Promise<T>): Promise<T | null> => {
    if (this.working) return null;
    this.working = true;
    this.error = null;
    try {
      return await what();
    } catch (thrown) {
      this.error = asError(thrown);
      this.working = false;
      return null;
    }
  };
}
