// Giving a case to somebody who is in the organisation: as well as the others, or in the place of one of them.
import type { ErrorView, Reader, Role, Roster } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

const DAY = 86_400_000;
const READS: Role[] = ["mentor", "co_mentor", "substitute", "coordinator"];

export type Span = "good" | "week" | "month";
export type Candidate = { member: string; name: string; role: Role };

/** people with a device that belongs, whose role may read cases, and who do not read this one */
export function candidates(roster: Roster, readers: Reader[]): Candidate[] {
  const there = new Set(readers.map((r) => r.member));
  const may = roster.devices.filter((d) => d.standing === "active" && READS.includes(d.role) && !there.has(d.member));
  return [...new Map(may.map((d) => [d.member, { member: d.member, name: d.person, role: d.role }])).values()];
}

export class Giving {
  to = $state.raw<Candidate | null>(null);
  /** one comes and one goes */
  instead = $state(false);
  from = $state.raw<Reader | null>(null);
  span = $state<Span>("good");
  /** days in which both are there */
  overlap = $state(0);
  busy = $state(false);
  error = $state.raw<ErrorView | null>(null);

  #host: Host;
  #case: string;

  constructor(host: Host, caseId: string) {
    this.#host = host;
    this.#case = caseId;
  }

  /** nothing is missing */
  get ready(): boolean {
    return this.to !== null && (!this.instead || this.from !== null);
  }

  until(now: number): number | null {
    return this.instead || this.span === "good" ? null : now + (this.span === "week" ? 7 : 30) * DAY;
  }

  /** whether it was decided; what was chosen stays when it was not */
  async give(now: number): Promise<boolean> {
    const { to, from } = this;
    if (this.busy || !to || !this.ready) return false;
    this.busy = true;
    this.error = null;
    try {
      if (this.instead && from) await this.#host.handOver(this.#case, from.member, to.member, this.overlap);
      else await this.#host.assign(this.#case, to.member, this.until(now));
      Object.assign(this, { to: null, from: null, instead: false, span: "good", overlap: 0 });
      return true;
    } catch (thrown) {
      this.error = asError(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
