// A step about to be added to an offer: own words, or one of the usual ones, with somebody and a day if one likes.
import type { Done, ErrorView, OfferKind } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";
import { unsaved } from "../live/unsaved";
import { daysOn, isoDay } from "../words/days";

export class NewStep {
  title = $state("");
  owner = $state<string | null>(null);
  due = $state<string | null>(null);
  asked = $state(false);
  saving = $state(false);
  error = $state.raw<ErrorView | null>(null);

  #host: Host;
  #case: string;
  #offer: OfferKind;
  #template: string | null;
  #sheet: string;
  #saved = false;
  #now: () => number;

  constructor(host: Host, caseId: string, offer: OfferKind, template: { key: string; title: string } | null, now: () => number = Date.now) {
    this.#host = host;
    this.#case = caseId;
    this.#offer = offer;
    this.#template = template?.key ?? null;
    this.#sheet = `step:${caseId}:${offer}`;
    this.title = template?.title ?? unsaved.of(this.#sheet);
    this.#now = now;
  }

  /** own words that are not saved wait for the next sheet */
  leave() {
    if (this.#template === null) unsaved.keep(this.#sheet, this.#saved ? "" : this.title);
  }

  get wordsMissing(): boolean {
    return this.asked && this.title.trim() === "";
  }

  own(owner: string) {
    this.owner = this.owner === owner ? null : owner;
  }

  step(days: number) {
    this.due = daysOn(this.due ?? isoDay(this.#now()), days);
  }

  save = async (): Promise<Done | null> => {
    if (this.saving) return null;
    this.asked = true;
    const title = this.title.trim();
    if (title === "") return null;
    this.saving = true;
    this.error = null;
    try {
      const done = await this.#host.addStep(this.#case, this.#offer, title, this.#template, this.owner, this.due);
      this.#saved = true;
      return done;
    } catch (thrown) {
      this.error = asError(thrown);
      this.saving = false;
      return null;
    }
  };
}
