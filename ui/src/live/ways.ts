// Where a screen can lead. App gives the ways; features take them, so that no feature needs to know another.
import { createContext, type Snippet } from "svelte";

export type Person = { id: string; alias: string };

export interface Ways {
  readonly wide: boolean;
  /** single letters are shortcuts: turned on in the settings */
  readonly singleKeys: boolean;
  /** the name of the one who has unlocked */
  readonly me: string;
  openCase(id: string): void;
  openCases(): void;
  openNote(person: Person, note: string | null): void;
  log(person: Person): void;
  openOffers(person: Person): void;
  openHistory(person: Person): void;
  openSearch(): void;
  /** of one case first, when it is named */
  openConflicts(caseId?: string): void;
  openSettings(): void;
  openHelp(): void;
  openAbout(): void;
  openReport(): void;
  back(): void;
  lock(): void;
  openSync(): void;
  /** something was saved that can be taken back for ten seconds */
  saved(undo: string, noteFor: Person | null): void;
  /** the quiet line about sending, for the foot of a phone screen */
  readonly stateLine: Snippet;
}

export const [useWays, provideWays] = createContext<Ways>();
