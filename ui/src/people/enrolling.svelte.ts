// Letting somebody in: an invitation, a comparison by eye, and then cases. Nothing is let in that nobody has compared.
import type { ErrorView, Invited, Picture, Request, Role, SecretKind } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

/** between two questions whether somebody has asked, in milliseconds */
export const ASK_EVERY = 8_000;
export const ROLES: Role[] = ["mentor", "co_mentor", "substitute", "coordinator", "programme_lead", "dpo", "it"];
export type Step = "who" | "invite" | "compare" | "cases" | "done";
export type Compared = { request: string; member: string | null; person: string };
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
  /** whose words were the same: what is left is the secret of whoever compared them */
  confirming = $state.raw<Compared | null>(null);
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
  #ask: () => void;
  /** whoever lets in gives cases as well */
  #assigns: boolean;
  #asking = false;
  #gone = false;

  /** `ask` asks for the secret of whoever said that the words are the same */
  constructor(host: Host, known: () => Known[], member: string | null, ask: () => void = () => undefined, assigns = true) {
    this.#assigns = assigns;
    this.#ask = ask;
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
  yes(request: Request) {
    this.#confirm({ request: request.id, member: request.member, person: request.person || this.person });
  }

  /** the whole request was typed off the other screen */
  typed(text: string) {
    const plain = (one: string) => one.replace(/[^a-z0-9]/gi, "").toUpperCase();
    const known = this.requests.find((r) => plain(r.id) === plain(text));
    this.#confirm(known ? { request: text.trim(), member: known.member, person: known.person || this.person } : { request: text.trim(), member: null, person: this.person });
  }

  /** lets in, with the secret of whoever holds this device; what is wrong with that is thrown, so that it can be given again */
  approve = async (_: SecretKind, secret: string): Promise<void> => {
    const whom = this.confirming;
    if (!whom) return;
    // Asked before: from then on they are known in any case.
    const wasHere = this.#known().some((k) => k.member === whom.member);
    try {
      await this.#host.approve(whom.request, this.deviceName.trim(), secret);
    } catch (thrown) {
      const error = asError(thrown);
      if (error.code === "vault.wrong_secret" || error.code === "vault.wait") throw thrown;
      this.error = error;
      this.confirming = null;
      return;
    }
    this.confirming = null;
    this.letIn = { member: whom.member, person: whom.person };
    this.isFurtherDevice = wasHere;
    this.step = whom.member === null || wasHere || !this.#assigns ? "done" : "cases";
  };

  /** the words were others: by that invitation nobody is let in here any more */
  no(request: Request) {
    this.stopped = true;
    this.requests = this.requests.filter((one) => one.id !== request.id);
    this.#host.refuseRequest(request.id).catch((thrown: unknown) => (this.error = asError(thrown)));
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

  #confirm(whom: Compared) {
    if (whom.request === "" || this.busy) return;
    this.error = null;
    this.confirming = whom;
    this.#ask();
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
