// Where a screen can lead. App gives the ways; features take them, so that no feature needs to know another.
import { createContext, type Snippet } from "svelte";
import type { AppointmentView, ErrorView, TaskKind, TaskView } from "../host/bindings";

export type Person = { id: string; alias: string };

/** what stands open beside the people, or on a phone in their place */
export type PeopleAt =
  | { name: "device" | "revoke" | "sheet"; device: string }
  /** somebody new, or somebody who is here already with a further device */
  | { name: "enrol"; member: string | null; compare?: true }
  | { name: "quarantine"; item: string };

/** what a coordinator does about an address, or who looked, above the door itself */
export type AddressAt = "enter" | "release" | "log";

/** what is done about an appointment */
export type AppointmentAt = "move" | "cancel";

export interface Ways {
  readonly wide: boolean;
  /** single letters are shortcuts: turned on in the settings */
  readonly singleKeys: boolean;
  /** the name of the one who has unlocked */
  readonly me: string;
  /** `at` names an entry or a task to stand by */
  openCase(id: string, at?: string | null): void;
  openCases(): void;
  openNote(person: Person, note: string | null): void;
  log(person: Person): void;
  /** a promise or a task; without a person the sheet asks who it is about */
  addTask(person: Person | null, kind: TaskKind): void;
  openTask(task: TaskView): void;
  /** without a person the sheet asks who it is with */
  addAppointment(person: Person | null): void;
  openAppointment(stands: AppointmentView, at?: AppointmentAt | null): void;
  /** `at` names an offer or a step to stand by */
  openOffers(person: Person, at?: string | null): void;
  openHistory(person: Person): void;
  openAddress(person: Person, at?: AddressAt | null): void;
  openTeam(person: Person): void;
  openSearch(): void;
  /** of one case first, when it is named */
  openConflicts(caseId?: string): void;
  openPeople(at?: PeopleAt): void;
  openSettings(): void;
  openHelp(): void;
  openAbout(): void;
  openReport(): void;
  back(): void;
  lock(): void;
  openSync(): void;
  /** something was saved that can be taken back for ten seconds; an empty `undo` says that nothing changed */
  saved(undo: string, noteFor: Person | null, told?: string): void;
  /** something was not saved: said in the same place, and it stays until it is read */
  failed(error: ErrorView): void;
  /** a sheet of a screen's own over the whole page; it gets the way to close itself */
  sheet(content: Snippet<[() => void]>): void;
  /** the quiet line about sending, for the foot of a phone screen */
  readonly stateLine: Snippet;
  /** that a case has an address, and who may see it; nothing where it has none that concerns this person */
  readonly addressRow: Snippet<[Person]>;
  /** how many read a case */
  readonly teamRow: Snippet<[Person]>;
}

export const [useWays, provideWays] = createContext<Ways>();
