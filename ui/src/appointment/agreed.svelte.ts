// An appointment about to be made, or one that stands and is moved, called off or answered for. No keyboard is needed.
import type { AppointmentView, Done, ErrorView, MeetingKind } from "../host/bindings";
import { asError } from "../host/error";
import type { Host } from "../host/host";
import { Once } from "../live/once.svelte";
import type { Person } from "../live/ways";
import { fromIso } from "../words/dates";
import { daysOn, isoDay } from "../words/days";

export const KINDS = ["meeting", "prison_visit", "phone", "accompaniment", "activity", "other"] as const satisfies readonly MeetingKind[];
/** minutes by which the time moves */
const STEP = 15;
const DAY_MINUTES = 24 * 60;
const NOON = 12 * 60;

/** minutes after midnight, in whole quarters, of a time where the person is */
export function quarterOf(at: number): number {
  const d = new Date(at);
  return (Math.round((d.getHours() * 60 + d.getMinutes()) / STEP) * STEP) % DAY_MINUTES;
}

/** a day and minutes after midnight as a time; on a night that the clock is moved it is what the clock shows */
export function timeOf(iso: string, minutes: number): number {
  const d = fromIso(iso);
  d.setHours(0, minutes, 0, 0);
  return d.getTime();
}

export class NewAppointment {
  person = $state.raw<Person | null>(null);
  kind = $state<MeetingKind>("meeting");
  day = $state<string | null>(null);
  label = $state("");
  saving = $state(false);
  /** Gem was pressed without a day, or without a person */
  asked = $state(false);
  error = $state.raw<ErrorView | null>(null);

  #host: Host;
  #now: () => number;
  #minutes = $state<number | null>(null);
  #usual = $state(NOON);

  constructor(host: Host, person: Person | null, now: () => number = Date.now) {
    this.#host = host;
    this.#now = now;
    this.person = person;
  }

  /** the hour at which they last met, and the place; a failure here costs nothing */
  open = async (person: Person): Promise<void> => {
    this.person = person;
    const [people, defaults] = await Promise.all([this.#host.cases().catch(() => []), this.#host.meetingDefaults(person.id).catch(() => null)]);
    const last = people.find((c) => c.id === person.id)?.last_contact_at ?? null;
    this.#usual = last === null ? NOON : quarterOf(last);
    this.label ||= defaults?.place ?? "";
  };

  get minutes(): number {
    return this.#minutes ?? this.#usual;
  }

  get at(): number | null {
    return this.day === null ? null : timeOf(this.day, this.minutes);
  }

  stepDay(days: number) {
    this.day = daysOn(this.day ?? isoDay(this.#now()), days);
  }

  stepTime(steps: number) {
    this.#minutes = (this.minutes + steps * STEP + DAY_MINUTES) % DAY_MINUTES;
  }

  get dayMissing(): boolean {
    return this.asked && this.day === null;
  }

  get personMissing(): boolean {
    return this.asked && this.person === null;
  }

  save = async (): Promise<Done | null> => {
    if (this.saving) return null;
    this.asked = true;
    const { person, at } = this;
    if (person === null || at === null) return null;
    this.saving = true;
    this.error = null;
    try {
      return await this.#host.addAppointment(person.id, this.kind, at, null, this.label.trim() || null);
    } catch (thrown) {
      this.error = asError(thrown);
      this.saving = false;
      return null;
    }
  };
}

export class OldAppointment {
  day = $state("");
  minutes = $state(0);
  once = new Once();

  #host: Host;
  #stands: AppointmentView;

  constructor(host: Host, stands: AppointmentView) {
    this.#host = host;
    this.#stands = stands;
    const at = new Date(stands.at);
    this.day = isoDay(at);
    this.minutes = at.getHours() * 60 + at.getMinutes();
  }

  get at(): number {
    return timeOf(this.day, this.minutes);
  }

  get moved(): boolean {
    return this.at !== this.#stands.at;
  }

  stepDay(days: number) {
    this.day = daysOn(this.day, days);
  }

  stepTime(steps: number) {
    this.minutes = (this.minutes + steps * STEP + DAY_MINUTES) % DAY_MINUTES;
  }

  move = () => this.once.do(() => this.#host.moveAppointment(this.#stands.case, this.#stands.id, this.at));
  settle = (kind: MeetingKind) => this.once.do(() => this.#host.settleAppointment(this.#stands.case, this.#stands.id, kind));
  remove = () => this.once.do(() => this.#host.removeAppointment(this.#stands.case, this.#stands.id));
}
