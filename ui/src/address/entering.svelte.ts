// What a coordinator writes of an address before it is kept. Nothing of it outlives the screen.
import type { ErrorView, Protection } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";
import { readDay } from "../words/days";

/** shorter than the device takes one, for commas come to it */
export const LONGEST = 400;

export class Entering {
  address = $state("");
  protection = $state<Protection | null>(null);
  /** days as they are written, 15.11.2027 */
  from = $state("");
  renewBy = $state("");
  error = $state.raw<ErrorView | null>(null);
  /** somebody tried to save it as it is */
  tried = $state(false);

  #host: Host;
  #case: string;

  constructor(host: Host, caseId: string) {
    this.#host = host;
    this.#case = caseId;
  }

  /** lines become one, parted by commas */
  get line(): string {
    const lines = this.address.split("\n").map((line) => line.trim().replace(/,$/, ""));
    return lines.filter(Boolean).join(", ");
  }

  get wordsMissing(): boolean {
    return this.tried && this.line === "";
  }

  get protectionMissing(): boolean {
    return this.tried && this.protection === null;
  }

  get daysWrong(): boolean {
    return [this.from, this.renewBy].some((day) => day.trim() !== "" && readDay(day) === null);
  }

  /** whether it may be saved; what is missing is said from now on */
  ready(): boolean {
    this.tried = true;
    this.error = null;
    return this.line !== "" && this.protection !== null && !this.daysWrong;
  }

  /** the strongroom is open; true when it is kept */
  async save(write: <T>(what: () => Promise<T>) => Promise<T>): Promise<boolean> {
    const { protection } = this;
    if (protection === null) return false;
    try {
      await write(() => this.#host.enterAddress(this.#case, this.line, protection, readDay(this.from), readDay(this.renewBy)));
      this.clear();
      return true;
    } catch (thrown) {
      this.error = asError(thrown);
      return false;
    }
  }

  clear() {
    this.address = "";
    this.from = this.renewBy = "";
    this.protection = null;
    this.tried = false;
  }
}
