// Danish: the wide screen: case list, conflicts, keys.
const few = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
const COUNTED = ["ingen", "én", "to", "tre", "fire"];
const counted = (n: number) => COUNTED[n] ?? String(n);

export const deskDa = (here: string) => ({
  // the rail
  conflicts: "Modstrid",
  hideScreen: "Skjul skærmen",
  hideScreenShort: "Skjul",
  findAnything: "Søg",
  helpPlace: "Hjælp",

  // the list of cases
  caseCount: (n: number) => few(n, "forløb", "forløb"),
  findCase: "Find et forløb",
  noSuchAlias: (text: string) => `Ingen hedder noget med ”${text}”.`,
  newCase: "Nyt forløb",
  daysShort: (n: number): string => (n === 0 ? "i dag" : `${n} d.`),
  daysLong: (n: number | null): string => (n === null ? "ingen kontakt endnu" : n === 0 ? "kontakt i dag" : `${few(n, "dag", "dage")} siden kontakt`),
  longAgoMark: "længe siden",
  conflictMark: (n: number) => `${n} modstrid`,

  // a new case
  newAlias: "Alias",
  aliasHint: "Et navn kun til jer. Aldrig det rigtige.",
  aliasMissing: "Skriv et alias. Det kan ændres senere.",
  aliasTaken: (alias: string) => `Der er allerede en, der hedder ${alias}. Vælg gerne et andet, så ingen forveksles.`,
  newProgramme: "Program",
  newBirthYear: "Fødselsår, hvis I kender det",
  birthYearWrong: "Skriv fire cifre, for eksempel 1999, eller lad feltet stå tomt.",
  makeCase: "Opret forløb",

  // one case on the wide screen
  paneStory: "Forløbet",
  paneFacts: "Det, I ved nu",
  caseHistory: "Historik",
  factPromises: "Lovet",
  factTasks: "Opgaver",
  offersRunning: (n: number, of: number) => `${n} i gang af ${of}`,
  offersNone: "Ingen er vurderet endnu.",
  openOffers: "Åbn indsatser",
  twoVersions: "to udgaver",
  factTeam: "Holdet",
  onlyHere: (n: number) => `${n} ligger kun på ${here}`,
  conflictBothKept: "Begge udgaver er gemt.",
  chooseNow: "Se og vælg",

  // conflicts
  ofHowMany: (n: number, of: number) => `${n} af ${of}`,
  oldest: (age: string) => `ældst ${age}`,
  ageMinutes: "under en time",
  ageHours: (n: number) => few(n, "time", "timer"),
  ageDays: (n: number) => few(n, "dag", "dage"),
  conflictsShown: (from: number, to: number, of: number) => `${from}–${to} af ${of}`,
  conflictsNext: "Næste side",
  conflictsBefore: "Forrige side",
  nothingNeedsYou: "Intet kræver dig.",
  needsYou: "Kræver dig",
  writtenTwoWays: (n: number) => `${n === 1 ? "Én ting" : `${n} ting`} er skrevet på mere end én måde`,
  conflictAbout: (kind: string, n: number) =>
    ({
      alias: `${counted(n)} aliasser`,
      programme: `${counted(n)} programmer`,
      birth_year: `${counted(n)} fødselsår`,
      stage: "Forløbet er afsluttet på flere måder",
      status: `${counted(n)} trin for samme indsats`,
      due: `${counted(n)} datoer for det samme`,
      done: "Gjort, eller ikke gjort",
      removed: "En note, som en har fjernet, og en anden har skrevet i",
    })[kind] ?? `${counted(n)} udgaver`,
  conflictQuestion: (kind: string) =>
    ({
      alias: "Hvilket alias skal gælde?",
      programme: "Hvilket program er det?",
      birth_year: "Hvilket fødselsår passer?",
      stage: "Hvordan endte forløbet?",
      status: "Hvor langt er indsatsen?",
      due: "Hvornår er fristen?",
      done: "Er det gjort?",
      removed: "Skal noten blive stående?",
    })[kind] ?? "Hvilken udgave passer?",
  whoUnknown: "ukendt",
  conflictVersion: (n: number) => `Udgave ${n}`,
  appliesNow: "gælder nu",
  chosenMark: "valgt",
  untilChosen: (value: string) => `Indtil du vælger, gælder ${value}.`,
  untilChosenNone: "Indtil du vælger, gælder ingen af dem.",
  conflictRule: (word: string) =>
    ({
      lower_rung: "Reglen: Det laveste trin gælder, så ingen tror, at en anden allerede er i gang.",
      earliest_due: "Reglen: Den tidligste dato gælder, så ingen kommer for sent.",
      latest: "Reglen: Det, der er skrevet sidst, gælder på alle enheder, til et menneske har valgt.",
      done_stays: "Reglen: Det bliver stående som gjort, til nogen åbner det igen.",
      nothing_lost: "Reglen: Det, nogen tager væk, mens en anden skriver, bliver stående.",
      furthest: "Reglen: Det trin, der ligger længst fremme i forløbet, gælder.",
      nothing: "Reglen: Der findes ikke et sikkert bud, så ingen enhed gætter.",
    })[word] ?? "",
  conflictKeep: (value: string, empty: boolean) => (empty ? `Behold: ${value}` : `Behold ${value}`),
  staysInHistory: "Det, du ikke vælger, bliver stående i historikken.",
  undoableADay: "Kan fortrydes i et døgn, så længe appen er åben.",
  conflictChosen: (value: string) => `Valgt: ${value}.`,
  undoableUntil: (when: string) => `Kan fortrydes til ${when}.`,
  takenBack: (value: string) => `Fortrudt. Nu gælder ${value} igen.`,
  takenBackNone: "Fortrudt. Det er, som det var før.",
  offTheList: "Den står ikke på listen længere. Skal det være anderledes, så ret det i forløbet.",
  earlierChoice: (when: string) => `Dit valg ${when} kan stadig fortrydes.`,
  nextConflict: "Næste",
  previousConflict: "Forrige",
  allVersions: "Se alle versioner",
  openTheCase: "Åbn forløbet",

  // keys
  allKeys: "Alle taster",
  keysTitle: "Taster",
  keysOff: "Enkelte bogstaver er slået fra i Indstillinger. Resten virker.",
  keyThen: "så",
  keyGroup: (group: "everywhere" | "go" | "cases" | "conflicts") => ({ everywhere: "Overalt", go: "Gå til", cases: "Forløb", conflicts: "Modstrid" })[group],
  keyDoes: (name: string): string =>
    ({
      find: "find et forløb",
      keys: "alle taster",
      hide: "skjul skærmen",
      back: "tilbage uden at vælge",
      today: "i dag",
      cases: "forløb",
      conflicts: "modstrid",
      search: "søg",
      settings: "indstillinger",
      help: "hjælp",
      walk: "næste og forrige",
      open: "åbn",
      note: "ny note",
      log: "log kontakt",
      panes: "skift rude",
      choose: "vælg udgave",
      next: "næste",
      undo: "fortryd",
      history: "historik",
    })[name] ?? name,
});

export type DeskWords = ReturnType<typeof deskDa>;
