// English: the end of a case: held, proposed to be erased, erased.
import type { EraseBasis } from "../../host/bindings";
import type { EndingWords } from "./ending.da";

const BASES: Record<EraseBasis, string> = { candidate: "The person's own decision", retention: "Its time is over", mistake: "Made by mistake" };

export const endingEn = (): EndingWords => ({
  ending: "Hold or erase",
  endings: "Cases that come to an end",
  endingNameless: "A case that you do not read",
  endingHeld: "Held: cannot be erased.",
  endingHold: "Hold",
  endingHoldSays: "While it is held, nobody can erase it.",
  endingHoldTold: "Held from the next sync on.",
  endingLetGo: "Let go",
  endingLetGoTold: "Let go from the next sync on.",
  endingBasis: "Why is it to be erased?",
  endingBasisIs: (basis) => BASES[basis],
  endingAfter: (basis) => {
    if (basis === null) return "Choose why it is to be erased.";
    return basis === "candidate" ? "Erased everywhere from the next sync on. Nobody can bring it back." : "Another coordinator, lead or DPO has to say yes within seven days. Then it is erased everywhere, and nobody can bring it back.";
  },
  endingErase: "Erase",
  endingEraseTitle: (alias) => `Erase everything about ${alias}`,
  endingEraseSays: "Notes, meetings, plans and keys go from every phone and from the server. What is left is an empty trace that there was a case.",
  endingSecret: "The code again.",
  endingSecretSays: "So that only you can do it.",
  endingTold: (what) => ({ gone: "The case was only here, and is erased.", decided: "The case is erased everywhere from the next sync on.", proposed: "Proposed. Somebody else has to say yes within seven days." })[what],
  endingAskedBy: (who, mine, why, until) => `${mine ? "You want it erased" : `${who} wants it erased`}: ${why}. Open until ${until}.`,
  endingWaits: "Waits for somebody else",
  endingAgree: "Say yes",
  endingAgreeTitle: "Say yes to erasing",
  endingErased: (day) => `Erased ${day}.`,
  endingEmptied: (given, of) => `${given} of ${of} devices have said that they are empty.`,
  endingOwed: (names) => `Missing: ${names}.`,
  endingRenewing: "This device lacks room on its disk before it can say so.",
  endingBackups: (day) => `The server's copies are gone by ${day}.`,
});
