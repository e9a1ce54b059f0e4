// Letting somebody in: an invitation, a comparison by eye, and then cases. Nothing is let in that nobody has compared.
import type { ErrorView, Invited, Picture, Request, Role } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

/** between two questions whether somebody has asked, in milliseconds */
export const ASK_EVERY = 8_000;
export const ROLES: Role[] = ["mentor", "co_mentor", "substitute", "coordinator", "programme_lead", "dpo", "it"];
export type Step = "who" | "invite" | "compare" | "cases" | "done";
export type Known = { member: string; person: string; role: Role };

export class Enrolling {
  step = $state<Step>("who");
  /** somebody who is here already; null for somebody new */
  member = $state<string | null>(null);
  name = $state("");
  role = $state<Role>("mentor");
  invited = $state.raw<Invited | null>(null);
  picture = $state.raw<Picture | null>(null);
  requests = $state.raw<Request[]>([]);
  /** the question went through at least once */
  asked = $state(false);
  /** somebody said no: the words differed */
  stopped = $state(false);
  deviceName = $state("");
  /** who was let in; the id is unknown when the request was typed */
  letIn = $state.raw<{ member: string | null; person: string } | null>(null);
  /** whoever was let in was here already, and keeps the cases they have */
  isFurtherDevice = $state(false);
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  assigned = $state(0);
  busy = $state(false);
  tried = $state(false);
  error = $state.raw<ErrorView | null>(null);

  #host: Host;
  #known: () => Known[];
  #asking = false;
  #gone = false;

  constructor(host: Host, known: () => Known[], member: string | null) {
    this.#host = host;
    this.#known = known;
    this.member = member;
  }

  get known(): Known | null {
    return this.#known().find((k) => k.member === this.member) ?? null;
  }

  get person(): string {
    return this.known?.person ?? this.name.trim();
  }

  async invite(): Promise<void> {
    this.tried = true;
    if (this.person === "" || this.busy) return;
    await this.#attempt(async () => {
      const known = this.known;
      this.invited = await this.#host.invite(known?.member ?? this.name.trim(), known?.role ?? this.role);
      this.picture = await this.#host.picture(this.invited.invitation).catch(() => null);
      this.step = "invite";
    });
  }

  /** `deviceName` is what the new device is called until somebody writes another name */
  compare(deviceName: string) {
    if (this.deviceName === "") this.deviceName = deviceName;
    this.step = "compare";
    this.stopped = false;
    void this.ask();
  }

  /** who waits, as the server says now */
  ask = async (): Promise<void> => {
    if (this.#asking || this.#gone) return;
    this.#asking = true;
    try {
      this.requests = await this.#host.requests();
      this.asked = true;
      if (this.error?.code === "net.offline") this.error = null;
    } catch (thrown) {
      if (!this.busy) this.error = asError(thrown);
    }
    this.#asking = false;
  };

  /** the words were the same */
  async yes(request: Request): Promise<void> {
    await this.#approve(request.id, { member: request.member, person: request.person || this.person });
  }

  /** the whole request was typed off the other screen */
  async typed(text: string): Promise<void> {
    const plain = (one: string) => one.replace(/[^a-z0-9]/gi, "").toUpperCase();
    const known = this.requests.find((r) => plain(r.id) === plain(text));
    await this.#approve(text.trim(), known ? { member: known.member, person: known.person || this.person } : { member: null, person: this.person });
  }

  no() {
    this.stopped = true;
  }

  again() {
    this.step = "who";
    this.stopped = false;
    this.invited = null;
    this.picture = null;
  }

  tick(id: string, on: boolean) {
    const next = new Set(this.chosen);
    if (on) next.add(id);
    else next.delete(id);
    this.chosen = next;
  }

  /** those that were not given yet stay chosen when one is refused */
  async assign(): Promise<void> {
    const member = this.letIn?.member;
    if (!member || this.chosen.size === 0) return;
    await this.#attempt(async () => {
      for (const id of this.chosen) {
        await this.#host.assign(id, member);
        this.assigned += 1;
        this.tick(id, false);
      }
      this.step = "done";
    });
  }

  later() {
    this.step = "done";
  }

  /** the panel has gone */
  stop() {
    this.#gone = true;
  }

  async #approve(request: string, whom: { member: string | null; person: string }): Promise<void> {
    if (request === "") return;
    // Asked before: from then on they are known in any case.
    const wasHere = this.#known().some((k) => k.member === whom.member);
    await this.#attempt(async () => {
      await this.#host.approve(request, this.deviceName.trim());
      this.letIn = whom;
      this.isFurtherDevice = wasHere;
      this.step = whom.member === null || wasHere ? "done" : "cases";
    });
  }

  async #attempt(act: () => Promise<void>) {
    if (this.busy) return;
    this.busy = true;
    this.error = null;
    try {
      await act();
    } catch (thrown) {
      this.error = asError(thrown);
    }
    this.busy = false;
  }
}
