// One contact about to be logged: what it was, when, how long, where. Everything has a sensible start and no keyboard is needed.
import type { Done, ErrorView, MeetingDefaults, MeetingKind } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";

export const KINDS = ["meeting", "prison_visit", "phone", "message", "no_show", "other"] as const satisfies readonly MeetingKind[];

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const STEP = 5;

export class Logging {
  kind = $state<MeetingKind>("meeting");
  defaults = $state.raw<MeetingDefaults | null>(null);
  saving = $state(false);
  error = $state.raw<ErrorView | null>(null);

  #host: Host;
  #id: string;
  #length = $state<number | null>(null);
  #begin = $state<number | null>(null);
  #withPlace = $state(true);

  constructor(host: Host, id: string) {
    this.#host = host;
    this.#id = id;
  }

  /** a failure here costs nothing: the device fills in the same defaults when it saves */
  open = async (): Promise<void> => {
    this.defaults = await this.#host.meetingDefaults(this.#id).catch(() => null);
  };

  get minutes(): number | null {
    if (this.#length !== null) return this.#length;
    const d = this.defaults;
    return d && (d.minutes_by_kind.find((m) => m.kind === this.kind)?.minutes ?? d.minutes);
  }

  /** the end stays where the default had it until someone moves the start */
  get at(): number | null {
    if (this.#begin !== null) return this.#begin;
    const d = this.defaults;
    return d && d.at + (d.minutes - (this.minutes ?? d.minutes)) * MINUTE;
  }

  get place(): string | null {
    return this.#withPlace ? (this.defaults?.place ?? null) : null;
  }

  togglePlace() {
    this.#withPlace = !this.#withPlace;
  }

  canBeLater(by: number): boolean {
    return this.at !== null && this.at + by <= Date.now();
  }

  moveStart(steps: number) {
    if (this.at !== null) this.#begin = Math.min(this.at + steps * STEP * MINUTE, Date.now());
  }

  moveDay(days: number) {
    if (this.at === null) return;
    const d = new Date(this.at);
    d.setDate(d.getDate() + days);
    if (d.getTime() <= Date.now() && Date.now() - d.getTime() < 60 * DAY) this.#begin = d.getTime();
  }

  moveLength(steps: number) {
    const at = this.at;
    if (this.minutes === null) return;
    this.#length = Math.max(0, Math.min(24 * 60, this.minutes + steps * STEP));
    this.#begin ??= at;
  }

  save = async (): Promise<Done | null> => {
    if (this.saving) return null;
    this.saving = true;
    this.error = null;
    try {
      return await this.#host.logMeeting(this.#id, this.kind, this.at, this.minutes, this.place);
    } catch (thrown) {
      this.error = asError(thrown);
      this.saving = false;
      return null;
    }
  };
}
