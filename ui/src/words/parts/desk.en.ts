// English: the wide screen: conflicts, keys.
import type { DeskWords } from "./desk.da";

export const deskEn = (_here: string): DeskWords => ({
  conflicts: "Conflicts",
});
