// English: one case further: offers, tasks, history, search.
import type { CaseWords } from "./case.da";

export const caseEn = (_here: string): CaseWords => ({
  offers: "Support",
});
