// Danish: where somebody lives: who may see it, opening, entering, letting somebody see it, and who did.
import type { Protection, Purpose } from "../../host/bindings";

const few = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
const first = (name: string) => name.trim().split(/\s+/)[0] ?? name;
const seconds = (s: number) => few(s, "sekund", "sekunder");

export const addressDa = (here: string) => ({
  address: "Adresse",
  addressFor: "Adresse for",

  // how it stands, without opening it
  addressNotWritten: "Ikke skrevet endnu",
  addressYours: (until: string | null) => (until === null ? "Du kan se den" : `Frigivet til dig til ${until}`),
  addressNotYours: "Ikke frigivet til dig",
  addressYou: "Du",
  addressSeenBy: (names: string) => `${names} kan se den`,
  addressAskedFor: (n: number) => `${n} venter på et ja`,
  addressUnsent: (n: number) => `${n} venter på at blive sendt`,
  addressShut: "Adressen er lukket",
  addressShutLead: "Åbnes med en grund og din kode. Lukker efter 60 sekunder. Det bliver skrevet ned, hvem der har set den.",
  addressNone: "Ingen har skrevet en adresse.",
  addressNoneLead: "Den, du skriver, kan kun ses af koordinatorerne, til den bliver frigivet.",
  addressAskForIt: "Spørg din koordinator. I nød kan en koordinator frigive den alene i to timer.",
  addressOthersSee: "Du kan ikke se den. Du kan se, hvem der kan, og hvem der har.",
  addressUnresolved: (names: string) => `Adressen er uafklaret. Ingen kan åbne den, før ${names || "en koordinator"} har set på det.`,
  addressUnresolvedYours: "Adressen er uafklaret. Den er skrevet forskelligt, og ingen andre kan åbne den, før du har valgt.",
  addressUnresolvedUncut: "Adressen er uafklaret. Det er ikke afgjort, om det sidste fra en, der er taget ud, tæller med. Det sker ved næste hentning med adresseboksen åben.",
  addressWaiting: (n: number) => `${n} venter: sendes ved næste hentning med adresseboksen åben.`,
  addressOf: "for",
  or: "eller",

  // opening
  addressOpen: "Åbn adressen",
  addressWhy: "Hvorfor?",
  purpose: (p: Purpose): string => ({ visit: "Besøg", move: "Flytning", authority: "Myndighed", danger: "Fare", check: "Kontrol" })[p],
  secretAgain: "Giv din kode igen",
  secretAgainLead: "Så åbner adresseboksen i et minut.",
  secretGo: "Åbn",
  addressHold: "Hold for at se",
  addressHidden: "Skjult",
  addressShutsIn: (s: number) => `Lukker om ${seconds(s)}`,
  addressShutNow: "Luk",
  addressLookedAt: (who: string, when: string) => `${who} · ${when}`,
  protection: (p: Protection): string => ({ ordinary: "Almindelig", name_and_address: "Navne- og adressebeskyttelse", special: "Særlig beskyttelse" })[p],
  protectionHint: (p: Protection): string =>
    ({ ordinary: "Står frit i folkeregisteret.", name_and_address: "Skjult i folkeregisteret, et år ad gangen.", special: "Uden fast bopæl i registeret, efter aftale med politiet." })[p],
  addressRenewBy: (day: string) => `Fornyes senest ${day}`,
  addressHoldsFrom: (day: string) => `Gælder fra ${day}`,
  addressBy: (name: string, when: string) => `${name} · ${when}`,
  addressOnlyHere: `kun på ${here} endnu`,
  addressThisOne: "Denne er rigtig",
  addressThisOneLead: "Den, du vælger, kommer til at stå alene. De andre bliver i historikken.",
  addressBefore: "Tidligere",
  addressUncounted: (n: number) => `${few(n, "udgave", "udgaver")} er kommet hertil og tæller ikke med. Sig det til den, der har ansvaret for data.`,

  // who may see it
  addressWho: "Hvem kan se den",
  addressNobody: "Ingen kan se den nu.",
  addressUntil: (when: string) => `til ${when}`,
  addressTakeBack: "Tag tilbage",
  addressTakeBackFrom: (name: string) => `Tag tilbage fra ${name}`,
  addressTakeBackSays: (name: string) => `Fra næste hentning kan ${first(name)} ikke se adressen mere, og den får en ny nøgle, næste gang adresseboksen er åben. Det, der er set, kan ikke gøres uset. Den kan frigives igen.`,
  addressTakenBack: (name: string) => `Fra næste hentning ser ${first(name)} ikke adressen mere.`,
  addressAsked: "Der er bedt om",
  addressAskedSays: (by: string, name: string, until: string | null) => (until === null ? `${by} vil frigive den til ${name}` : `${by} vil frigive den til ${name} til ${until}`),
  addressAskedMine: (when: string) => `Venter på ja fra en anden koordinator, en leder eller en DPO inden ${when}.`,
  addressAskedOthers: (when: string) => `Venter på ja fra en koordinator, en leder eller en DPO inden ${when}.`,
  addressAgreed: "To er enige. Den frigives ved næste hentning med en koordinators adresseboks åben.",
  addressAgreeSays: (name: string, until: string | null) => `Siger du ja, kan ${first(name)} se adressen${until === null ? "" : ` til ${until}`}, når en koordinator har frigivet den. Den kan tages tilbage.`,
  addressAgree: "Sig ja",
  addressAgreedNow: "Du har sagt ja. En koordinator frigiver adressen, næste gang adresseboksen er åben.",

  // entering
  addressEnter: "Skriv adressen",
  addressEnterNew: "Skriv en ny adresse",
  addressField: "Adresse",
  addressFieldHint: "Vej, nummer og etage, postnummer og by.",
  protectionField: "Beskyttelse",
  protectionNeeded: "Vælg, hvordan adressen er beskyttet.",
  addressFromField: "Gælder fra",
  addressRenewField: "Beskyttelsen fornyes senest",
  addressDayHint: "Kan stå tom.",
  dayPattern: "dag.måned.år",
  dayUnknown: "Den dag findes ikke. Skriv dag, måned og år, for eksempel 15.11.2027.",
  addressEnterSays: "Den nye kommer til at stå i stedet for den, der står nu. Den gamle bliver i historikken. De, der kan se adressen, ser den nye.",
  addressEntered: `Gemt i adresseboksen på ${here}. Den sendes ved næste hentning, mens boksen er åben.`,

  // letting somebody see it
  addressRelease: "Frigiv adressen",
  addressToWhom: "Hvem skal kunne se den?",
  addressToNobody: "Alle i forløbet kan allerede se den, eller der er bedt om det.",
  addressHowLong: "Hvor længe?",
  addressFor2h: "2 timer",
  addressTonight: "I dag til 22",
  addressWeek: "7 dage",
  addressDate: "Dato",
  addressLastDay: "Sidste dag",
  addressUntilHint: "Til og med den dag.",
  addressHow: "Hvem siger ja?",
  addressByTwo: "To personer",
  addressByTwoHint: "En anden koordinator, en leder eller en DPO siger ja.",
  addressAlone: "Livsfare: alene",
  addressAloneHint: "Højst 2 timer.",
  addressReleaseMissing: "Vælg, hvem det er, hvor længe og hvorfor.",
  addressAfterTwo: (name: string, until: string) => `Når en anden har sagt ja, kan ${first(name)} se adressen til ${until}. Derefter glemmer enheden den af sig selv.`,
  addressAfterTwoOpen: (name: string) => `Når en anden har sagt ja, kan ${first(name)} se adressen, indtil den bliver taget tilbage.`,
  addressAfterAlone: (name: string, until: string) => `${first(name)} kan se adressen til ${until}, uden at en anden siger ja. Det kan ses bagefter, at du besluttede det alene.`,
  addressReleaseAsk: "Bed om ja",
  addressReleaseNow: "Frigiv nu",
  addressReleaseAsked: "Spurgt. En anden koordinator, en leder eller en DPO skal sige ja inden syv dage.",
  addressReleaseDecided: (name: string) => `${first(name)} kan se adressen efter næste hentning.`,

  // who did
  addressLog: "Hvem har set den",
  addressLogHint: "Nyeste først. Intet kan ændres her.",
  addressNoReason: "ingen har sagt hvorfor",
  addressNotGranted: "ikke givet",
  addressLogEmpty: "Ingen har set den endnu.",
  addressLooked: (by: string) => `${by} så adressen`,
  addressLetIn: (by: string, to: string, alone: boolean): string => (alone ? `${by} frigav den alene til ${to}` : `${by} bad om at frigive den til ${to}`),
});

export type AddressWords = ReturnType<typeof addressDa>;
