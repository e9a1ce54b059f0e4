// One act of a person: what the host did can be taken back, what it could not do is said.
import type { Done } from "../host/bindings";
import { asError } from "../host/error";
import type { Ways } from "./ways";

/** true when it was done */
export async function act(ways: Pick<Ways, "saved" | "failed">, does: () => Promise<Done>, told?: string): Promise<boolean> {
  try {
    const done = await does();
    ways.saved(done.undo, null, told);
    return true;
  } catch (thrown) {
    ways.failed(asError(thrown));
    return false;
  }
}
