// Danish: the end of a case: held, proposed to be erased, erased.
import type { EraseBasis } from "../../host/bindings";

const BASES: Record<EraseBasis, string> = { candidate: "Personens egen beslutning", retention: "Fristen er udløbet", mistake: "Oprettet ved en fejl" };

export const endingDa = () => ({
  ending: "Tilbagehold eller slet",
  endings: "Forløb, der slutter",
  endingNameless: "Et forløb, du ikke læser",
  endingHeld: "Tilbageholdt: kan ikke slettes.",
  endingHold: "Tilbagehold",
  endingHoldSays: "Når det er tilbageholdt, kan ingen slette det.",
  endingHoldTold: "Tilbageholdt fra næste synkronisering.",
  endingLetGo: "Ophæv",
  endingLetGoTold: "Ophævet fra næste synkronisering.",
  endingBasis: "Hvorfor skal det slettes?",
  endingBasisIs: (basis: EraseBasis) => BASES[basis],
  endingAfter: (basis: EraseBasis | null): string => {
    if (basis === null) return "Vælg, hvorfor det skal slettes.";
    return basis === "candidate" ? "Slettes overalt fra næste synkronisering. Ingen kan hente det igen." : "En anden koordinator, leder eller DPO skal sige ja inden syv dage. Så slettes det overalt, og ingen kan hente det igen.";
  },
  endingErase: "Slet",
  endingEraseTitle: (alias: string) => `Slet alt om ${alias}`,
  endingEraseSays: "Noter, møder, aftaler og nøgler går fra alle telefoner og fra serveren. Tilbage er kun et tomt spor af, at der var et forløb.",
  endingSecret: "Koden igen.",
  endingSecretSays: "Så kun du kan gøre det.",
  endingTold: (what: "gone" | "decided" | "proposed"): string => ({ gone: "Forløbet var kun her og er slettet.", decided: "Forløbet slettes overalt fra næste synkronisering.", proposed: "Foreslået. En anden skal sige ja inden syv dage." })[what],
  endingAskedBy: (who: string, mine: boolean, why: string, until: string) => `${mine ? "Du vil slette det" : `${who} vil slette det`}: ${why}. Gælder til ${until}.`,
  endingWaits: "Venter på en anden",
  endingAgree: "Sig ja",
  endingAgreeTitle: "Sig ja til at slette",
  endingErased: (day: string) => `Slettet ${day}.`,
  endingEmptied: (given: number, of: number) => `${given} af ${of} enheder har sagt, at de er tomme.`,
  endingOwed: (names: string) => `Mangler: ${names}.`,
  endingRenewing: "Denne enhed mangler plads på disken, før den kan sige det.",
  endingBackups: (day: string) => `Serverens kopier er væk senest ${day}.`,
});

export type EndingWords = ReturnType<typeof endingDa>;
