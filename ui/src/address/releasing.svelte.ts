// Letting somebody see an address: who, how long, why, and whether another person is asked first.
import type { AddressStanding, ErrorView, Purpose, Releasing as Released, Role, Who } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";
import { fromIso } from "../words/dates";
import { readDay } from "../words/days";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** the device counts two hours strictly, and its clock is not this one */
const SPARE = 2 * MINUTE;
const ROUND = 5 * MINUTE;

export type Span = "short" | "tonight" | "week" | "date";
export type Candidate = { member: string; name: string; role: Role | null };

/** until when a choice lasts; null where it is over already, or no day is chosen */
export function untilOf(span: Span, date: string, now: number): number | null {
  const at =
    span === "short" ? Math.floor((now + 2 * HOUR - SPARE) / ROUND) * ROUND
    : span === "week" ? Math.floor((now + 7 * DAY) / ROUND) * ROUND
    : span === "tonight" ? new Date(now).setHours(22, 0, 0, 0)
    : fromIso(readDay(date) ?? "1970-01-01").setHours(23, 59, 0, 0);
  return at > now + SPARE ? at : null;
}

/** those of the case who cannot see it and for whom nobody has asked */
export function mayBeLetIn(team: Who[], standing: AddressStanding, roles: Map<string, Role>): Candidate[] {
  const taken = new Set([...standing.readers.map((r) => r.member), ...standing.asked.map((a) => a.member)]);
  const all = new Map(team.filter((w) => !taken.has(w.member)).map((w) => [w.member, { member: w.member, name: w.name, role: roles.get(w.member) ?? null }]));
  return [...all.values()];
}

export class Releasing {
  to = $state.raw<Candidate | null>(null);
  span = $state<Span>("short");
  /** a day as it is written, 15.12.2026 */
  date = $state("");
  purpose = $state<Purpose | null>(null);
  alone = $state(false);
  error = $state.raw<ErrorView | null>(null);

  #host: Host;
  #case: string;

  constructor(host: Host, caseId: string) {
    this.#host = host;
    this.#case = caseId;
  }

  /** a coordinator sees it until it is taken back */
  get isOpenEnded(): boolean {
    return this.to?.role === "coordinator";
  }

  pick(candidate: Candidate) {
    this.to = candidate;
    if (this.isOpenEnded) this.decide(false);
  }

  /** one person alone lets in for two hours, and only when a life is in danger */
  decide(alone: boolean) {
    this.alone = alone;
    if (!alone) return;
    this.span = "short";
    this.purpose = "danger";
  }

  until(now: number): number | null {
    return untilOf(this.isOpenEnded || this.alone ? "short" : this.span, this.date, now);
  }

  ready(now: number): boolean {
    return this.to !== null && this.purpose !== null && this.until(now) !== null;
  }

  /** the strongroom is open; what became of it, or null when it failed */
  async send(write: <T>(what: () => Promise<T>) => Promise<T>, now: number): Promise<Released | null> {
    const { to, purpose, alone } = this;
    const until = this.until(now);
    if (!to || !purpose || until === null) return null;
    this.error = null;
    try {
      return await write(() => this.#host.releaseAddress(this.#case, to.member, until, purpose, alone));
    } catch (thrown) {
      this.error = asError(thrown);
      return null;
    }
  }
}
