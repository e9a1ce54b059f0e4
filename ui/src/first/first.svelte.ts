// The first minutes of a device: which way in, what is asked on it, and a secret written down before anything is made.
import type { AppState, ErrorView } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

export type Way = "join" | "create";
export type Step = "choose" | "invitation" | "place" | "secret" | "repeat" | "making" | "known";
export type Place = { server: string; organisation: string; person: string };

/** where a code is mended */
const MENDED_AT: Record<string, Step> = {
  "vault.weak_secret": "secret", "vault.no_keystore": "secret", "vault.wrong_secret": "known",
  "enrol.bad_invitation": "invitation", "enrol.no_invitation": "invitation", "enrol.already_asked": "invitation", "log.bad_invitation": "invitation",
  "net.insecure": "place", "org.closed": "place",
};

/** the vault's own rule, told before the words are written down; the vault decides */
export function isWeak(secret: string): boolean {
  const letters = [...secret];
  return letters.length < 20 || new Set(letters).size < 8 || letters.every((c) => c >= "0" && c <= "9");
}

/** an address without a scheme means the safe one */
export function address(typed: string): string {
  const plain = typed.trim();
  return plain === "" || plain.includes("://") ? plain : `https://${plain}`;
}

function isSafe(server: string): boolean {
  try {
    const url = new URL(server);
    return url.protocol === "https:" || (url.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname) && url.username === "");
  } catch {
    return false;
  }
}

export class First {
  step = $state<Step>("choose");
  way = $state<Way>("join");
  /** six words proposed by the device, or what the person made up: to be seen once */
  proposed = $state<string | null>(null);
  own = $state(false);
  error = $state.raw<ErrorView | null>(null);
  /** the second time was not like the first */
  differs = $state(false);
  invitation = $state("");
  place = $state.raw<Place>({ server: "", organisation: "", person: "" });

  #host: Host;
  #done: (state: AppState, error: ErrorView | null) => void;
  #secret = "";

  constructor(host: Host, done: (state: AppState, error: ErrorView | null) => void) {
    this.#host = host;
    this.#done = done;
  }

  get steps(): Step[] {
    return ["choose", this.way === "join" ? "invitation" : "place", "secret", "repeat", "making"];
  }

  choose(way: Way) {
    this.way = way;
    this.#to(way === "join" ? "invitation" : "place");
  }

  /** what was sent by letter or chat may have got line breaks on the way; an invitation has no spaces of its own */
  invited(text: string) {
    this.invitation = text.replace(/\s+/g, "");
    if (/^bb1-[\w-]+$/.test(this.invitation)) void this.#go();
    else this.error = { code: "enrol.bad_invitation", wait_s: null };
  }

  placed(place: Place) {
    this.place = { server: address(place.server), organisation: place.organisation.trim(), person: place.person.trim() };
    if (!isSafe(this.place.server)) this.error = { code: "net.insecure", wait_s: null };
    else void this.#go();
  }

  async propose(): Promise<void> {
    this.error = null;
    try {
      this.proposed = await this.#host.proposeSecret();
      this.own = false;
    } catch (thrown) {
      this.error = asError(thrown);
      this.own = true;
    }
  }

  makeUp() {
    this.error = null;
    this.own = true;
    this.proposed = null;
  }

  /** the words are on paper */
  written(secret: string) {
    if (isWeak(secret)) {
      this.error = { code: "vault.weak_secret", wait_s: null };
      return;
    }
    this.#secret = secret;
    this.#to("repeat");
  }

  async repeated(secret: string): Promise<void> {
    this.differs = secret !== this.#secret;
    if (!this.differs) await this.make();
  }

  make = async (): Promise<void> => {
    this.#to("making");
    const { server, organisation, person } = this.place;
    try {
      const state = this.way === "join" ? await this.#host.joinOrganisation(this.invitation, this.#secret) : await this.#host.createOrganisation(server, organisation, person, this.#secret);
      this.#over(state);
    } catch (thrown) {
      await this.#failed(asError(thrown));
    }
  };

  /** the secret of a vault that an earlier try made */
  async known(secret: string): Promise<void> {
    this.#secret = secret;
    await this.make();
  }

  back() {
    const at = this.steps.indexOf(this.step);
    this.#to(this.step === "known" ? "choose" : (this.steps[at - 1] ?? "choose"));
    if (this.step !== "repeat") this.#secret = "";
    if (this.step !== "repeat" && this.step !== "secret") this.#forget();
  }

  /** what was mended goes on with the words that are on paper already */
  async #go() {
    if (this.#secret) await this.make();
    else await this.#toSecret();
  }

  async #toSecret() {
    this.#to("secret");
    if (this.proposed === null && !this.own) await this.propose();
  }

  /** the vault may have been made before it failed: then the device is further than this page */
  async #failed(error: ErrorView) {
    const state = await this.#host.appState().catch(() => null);
    if (state && state.phase !== "fresh") return this.#over(state, error);
    const mended = MENDED_AT[error.code];
    if (mended && (mended === "known" || this.steps.includes(mended))) this.#to(mended);
    if (mended === "secret" || mended === "known") this.#secret = "";
    this.error = error;
  }

  #to(step: Step) {
    this.error = null;
    this.differs = false;
    this.step = step;
  }

  #forget() {
    this.#secret = "";
    this.proposed = null;
    this.own = false;
  }

  #over(state: AppState, error: ErrorView | null = null) {
    this.#forget();
    this.invitation = "";
    this.#done(state, error);
  }
}
