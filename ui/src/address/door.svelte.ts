// The door to one address: open for a minute, seen only while something is held down, and nothing is kept once it is shut.
import type { AddressShow, AddressVersion, ErrorView, Purpose } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

/** how long it stands open */
export const OPEN_MS = 60_000;
/** how long it is seen at most before one has to let go */
export const HOLD_MS = 20_000;
const TICK_MS = 250;

export type Version = Omit<AddressVersion, "address">;
/** what may stand on the screen while nobody holds: no word of the address */
export type Facts = Omit<AddressShow, "address" | "standing" | "before"> & { standing: Version[]; before: Version[] };

const without = ({ address: _, ...rest }: AddressVersion): Version => rest;

export class Door {
  looking = $state(false);
  held = $state(false);
  /** whole seconds until it shuts */
  left = $state(0);
  error = $state.raw<ErrorView | null>(null);

  #shown = $state.raw<AddressShow | null>(null);
  #host: Host;
  #case: string;
  #until = 0;
  #turn = 0;
  /** something was written that goes out only while the strongroom is open */
  #sends = false;
  #tick: ReturnType<typeof setInterval> | undefined;
  #hold: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host, caseId: string) {
    this.#host = host;
    this.#case = caseId;
  }

  get open(): boolean {
    return this.#shown !== null;
  }

  readonly facts = $derived.by((): Facts | null => {
    if (!this.#shown) return null;
    const { address: _, standing, before, ...rest } = this.#shown;
    return { ...rest, standing: standing.map(without), before: before.map(without) };
  });

  /** the address itself, and only while somebody holds */
  get seen(): AddressShow | null {
    return this.held ? this.#shown : null;
  }

  /** asks for the address; the strongroom has just been opened */
  look = async (purpose: Purpose): Promise<void> => {
    const turn = this.#begin();
    this.looking = true;
    try {
      const shown = await this.#host.lookAtAddress(this.#case, purpose);
      if (turn !== this.#turn) return;
      this.#shown = shown;
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.shut();
      this.error = asError(thrown);
    }
    this.looking = false;
  };

  /** does what takes an open strongroom, and leaves that open for its minute so that it is sent; the address is not seen any more */
  write = async <T>(what: () => Promise<T>): Promise<T> => {
    const turn = this.#begin();
    this.#sends = true;
    try {
      return await what();
    } catch (thrown) {
      if (turn === this.#turn) this.shut();
      throw thrown;
    }
  };

  /** stands on one of several that disagree: that one alone from now on */
  choose = async (at: number): Promise<void> => {
    const one = this.#shown?.standing[at];
    if (!one) return;
    try {
      await this.write(() => this.#host.enterAddress(this.#case, one.address, one.protection, one.from, one.renew_by));
    } catch (thrown) {
      this.error = asError(thrown);
    }
  };

  press = (): void => {
    if (!this.open || this.held) return;
    this.held = true;
    this.#hold = setTimeout(this.release, HOLD_MS);
  };

  release = (): void => {
    clearTimeout(this.#hold);
    this.held = false;
  };

  /** shuts, here and on the device */
  shut = (): void => {
    const asked = this.#until > 0;
    this.#drop();
    if (asked) void this.#host.closeStrongroom().catch(() => undefined);
  };

  /** somebody goes elsewhere in the app: nothing is kept here, and what was written still has its minute to be sent */
  leave = (): void => {
    if (this.#sends) this.#drop();
    else this.shut();
  };

  #begin(): number {
    this.#drop();
    this.error = null;
    this.#until = Date.now() + OPEN_MS;
    this.left = OPEN_MS / 1000;
    this.#tick = setInterval(() => {
      this.left = Math.max(0, Math.ceil((this.#until - Date.now()) / 1000));
      if (this.left === 0) this.shut();
    }, TICK_MS);
    return this.#turn;
  }

  #drop() {
    this.#turn += 1;
    clearInterval(this.#tick);
    this.release();
    this.#shown = null;
    this.#until = 0;
    this.#sends = false;
    this.looking = false;
    this.left = 0;
  }
}
