// Danish: one case further: offers, tasks, history, search.
import type { OfferKind, OfferStatus, SearchHit } from "../../host/bindings";

/** what a clock was off by, counted */
export type ClockUnit = "year" | "day" | "hour" | "minute";
const CLOCK_UNITS = { year: ["år", "år"], day: ["dag", "dage"], hour: ["time", "timer"], minute: ["minut", "minutter"] } as const;

const few = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

/** what an act was about; quoted words begin with a space, or are empty */
export type Told = { who: string; title: string; offer: string; from: string; to: string; meeting: string; promise: boolean; stage: string; times: number };

export const caseDa = (here: string) => ({
  // two with the same alias
  lastSeen: (days: number) => (days === 0 ? "set i dag" : `${few(days, "dag", "dage")} siden`),
  namesake: "en anden har samme alias",
  markName: (shape: string, tint: string) =>
    `${{ fjord: "blå", amber: "gylden", ink: "grå" }[tint] ?? tint} ${{ circle: "cirkel", square: "firkant", triangle: "trekant", diamond: "rude", drop: "dråbe", bars: "dobbeltstreg" }[shape] ?? shape}`,

  // one case
  partsOf: "Dele af forløbet",
  offers: "Indsatser",
  runningNow: (n: number) => (n === 0 ? "ingen i gang" : `${n} i gang`),
  history: "Historik",
  historySmall: "hvem gjorde hvad",
  contact: "Kontakt",
  entryMore: (what: string) => `Mere om: ${what}`,
  showMore: (next: number, left: number) => (next === left ? `Vis de sidste ${left}` : `Vis ${next} flere · ${left} tilbage`),
  removed: "Fjernet. Historikken husker det.",
  openNote: "Åbn noten",
  removeNote: "Fjern noten",
  removeMeeting: "Fjern kontakten",
  removeNoteMeans: "Fjernes noten, kan ingen på holdet læse den mere. Historikken husker, at den var der. Det kan fortrydes i ti sekunder.",
  removeMeetingMeans: "Fjernes kontakten, tæller den ikke med for nogen på holdet. Historikken husker, at den var der. Det kan fortrydes i ti sekunder.",

  // clocks that were wrong
  clockOff: (ahead: boolean, n: number, unit: ClockUnit) =>
    `Uret var ${few(n, ...CLOCK_UNITS[unit])} ${ahead ? "foran" : "bagud"}. Klokkeslættet er beholdt.`,
  timeUnknown: "Tid ukendt",
  timeUnknownWhy: "Uret var nulstillet. Skriv, hvornår det var, når du ved det.",
  setTime: "Skriv, hvornår det var",
  setTimeMeans: "Det tidspunkt, du skriver, gælder for alle på holdet. Det kan fortrydes i ti sekunder.",
  saveTime: "Gem tidspunktet",
  timeSet: "Tidspunktet er gemt.",

  // promises and tasks
  promiseWord: "Løfte",
  taskWord: "Opgave",
  promiseOrTask: "Løfte eller opgave",
  newPromise: "Nyt løfte",
  newTask: "Ny opgave",
  iPromised: "Jeg har lovet …",
  iWill: "Det skal gøres",
  promiseHint: "at ringe til boligselskabet",
  taskHint: "Ringe om lejligheden",
  wordsNeeded: "Skriv et par ord om hvad.",
  aboutWhom: "Hvem handler det om?",
  personNeeded: "Vælg, hvem det handler om.",
  promisedToWhom: "Lovet til",
  someoneElse: "En anden",
  someoneElseHint: "hans mor",
  promisedTo: (name: string) => `lovet til ${name}`,
  writtenBy: (name: string) => `skrevet af ${name}`,
  whichDay: "Hvilken dag?",
  inAWeek: "Om en uge",
  inAMonth: "Om en måned",
  noDay: "Ingen dag",
  moveTo: (day: string) => `Flyt til ${day.charAt(0).toLocaleLowerCase()}${day.slice(1)}`,
  withoutDay: "Gem uden dag",
  removePromise: "Fjern løftet",
  removeTask: "Fjern opgaven",
  removeTaskMeans: "Fjernes det, forsvinder det fra listen hos alle på holdet. Historikken husker det. Det kan fortrydes i ti sekunder.",
  doneCount: (n: number) => `Gjort: ${n}`,
  taskAgain: (title: string) => `Ikke gjort alligevel: ${title}`,

  // offers
  offersFor: "Indsatser for",
  /** the wording of the national description */
  officialOffer: (o: OfferKind) =>
    ({
      relocation: "En anden bopæl",
      financial_aid: "Økonomisk bistand",
      outside_contacts: "Kontakt med mennesker uden for miljøet",
      authority_cooperation: "Samarbejde med politi, socialforvaltning mv.",
      family_reconnection: "Reetablering af kontakt til familien",
      social_activities: "Sociale aktiviteter med andre unge, der ikke har tilhørt det kriminelle miljø",
      therapy: "Terapeutisk hjælp",
      substance_treatment: "Misbrugsbehandling",
      work_education: "Støtte til arbejde eller uddannelse",
      other: "Øvrige",
    })[o],
  statusMeans: (s: OfferStatus) =>
    ({
      not_assessed: "I har ikke talt om det endnu",
      no_need: "Han har ikke brug for det",
      need: "Han har brug for det, men er ikke blevet tilbudt det",
      offered: "Han er blevet tilbudt det",
      accepted: "Han har sagt ja",
      declined: "Han har sagt nej",
      waiting: "I venter på nogen eller noget",
      running: "Det er begyndt",
      done: "Det er nået",
      stopped: "Det er begyndt, men ikke nået",
    })[s],
  setStatus: "Hvor langt er I?",
  rungOf: (status: string, n: number, of: number) => `Status: ${status}, trin ${n} af ${of}`,
  statusIs: (status: string) => `Status: ${status}`,
  twoAnswers: "To svar",
  statusTwice: "I har svaret forskelligt",
  doneTwice: (title: string) => `Om det er gjort, er skrevet på to måder (${title})`,
  lowerApplies: "Begge svar er gemt. Indtil nogen vælger, gælder det laveste trin.",
  stepWord: "Skridt",
  newStep: "Nyt skridt",
  stepWords: "Hvad skal der ske?",
  stepHint: "Se lejligheden sammen",
  whoDoesIt: "Hvem gør det?",
  owner: (word: string) => ({ mentor: "mentor", coordinator: "koordinator", authority: "myndighed" })[word] ?? word,
  dueBy: (day: string) => `senest ${day}`,
  stepTick: (title: string) => `Gjort: ${title}`,
  ownStep: "Eget skridt",
  addStep: "Tilføj",
  stepWith: (title: string) => `Tilføj med navn og dag: ${title}`,
  moreSteps: (n: number) => `${few(n, "skridt", "skridt")} mere`,
  removeStep: "Fjern skridtet",
  removeStepMeans: "Fjernes skridtet, forsvinder det hos alle på holdet. Historikken husker det. Det kan fortrydes i ti sekunder.",
  somethingElse: "Noget andet end de ni",

  // history
  historyFor: "Historik for",
  historyHint: "Hvem gjorde hvad, og hvornår. Intet her kan ændres.",
  historyEmpty: "Der er ikke sket noget endnu.",
  somebody: "Nogen",
  youDid: "du",
  actUnknown: (who: string) => `${who} gjorde noget, som denne udgave af appen ikke kan vise. Det er gemt.`,
  acts: (t: Told) => ({
    "profile.set": `${t.who} rettede alias, program eller fødselsår.`,
    "offer.status": t.offer && t.to ? `${t.who} flyttede ”${t.offer}” fra ${t.from} til ${t.to}.` : `${t.who} flyttede en indsats.`,
    "step.add": `${t.who} tilføjede skridtet${t.title}${t.offer ? ` under ”${t.offer}”` : ""}.`,
    "step.done": `${t.who} satte hak ved skridtet${t.title}.`,
    "step.open": `${t.who} tog hakket af skridtet${t.title}.`,
    "step.remove": `${t.who} fjernede skridtet${t.title}.`,
    "step.restore": `${t.who} satte skridtet${t.title} tilbage.`,
    "meeting.log": `${t.who} loggede en kontakt${t.meeting ? `: ${t.meeting}` : ""}.`,
    "meeting.at": `${t.who} skrev, hvornår en kontakt var${t.meeting ? `: ${t.meeting}` : ""}.`,
    "meeting.remove": `${t.who} fjernede en kontakt${t.meeting ? `: ${t.meeting}` : ""}.`,
    "meeting.restore": `${t.who} satte en kontakt tilbage${t.meeting ? `: ${t.meeting}` : ""}.`,
    "note.add": `${t.who} begyndte en note${t.title}.`,
    "note.write": `${t.who} skrev i noten${t.title}${t.times > 1 ? `, ${t.times} gange i træk` : ""}.`,
    "note.finish": `${t.who} gjorde noten færdig${t.title}.`,
    "note.reopen": `${t.who} tog noten op igen${t.title}.`,
    "note.remove": `${t.who} fjernede en note.`,
    "note.restore": `${t.who} satte noten tilbage${t.title}.`,
    "task.add": t.promise ? `${t.who} gav et løfte${t.title}.` : `${t.who} skrev en opgave${t.title}.`,
    "task.done": `${t.who} satte hak ved${t.title || " en opgave"}.`,
    "task.open": `${t.who} tog hakket af${t.title || " en opgave"}.`,
    "task.due": `${t.who} flyttede dagen for${t.title || " en opgave"}.`,
    "task.remove": `${t.who} fjernede${t.title || " en opgave"}.`,
    "task.restore": `${t.who} satte${t.title || " en opgave"} tilbage.`,
    "stage.event": `${t.who} skrev, hvad der skete på vejen${t.stage ? `: ${t.stage}` : ""}.`,
    "stage.correct": `${t.who} rettede noget, der stod om vejen.`,
  }),
  stageAct: (word: string): string =>
    (({
      inquiry_received: "henvendelse modtaget",
      screening_started: "visitation begyndt",
      inquiry_closed: "henvendelse afsluttet",
      screening_interrupted: "visitation afbrudt",
      agreement_signed: "exitaftale underskrevet",
      paused: "sat på pause",
      resumed: "i gang igen",
      completed: "gennemført",
      broken_off: "stoppet før tid",
      follow_up_started: "opfølgning begyndt",
      reinstated: "taget op igen",
      handed_over: "givet videre",
      deceased: "død",
      emigrated: "flyttet ud af landet",
      follow_up_ended: "opfølgning slut",
      voided: "annulleret",
      corrected: "rettet",
    }) as Record<string, string>)[word] ?? "",

  // search
  search: "Søg",
  searchLabel: "Søg efter et ord eller et alias",
  searchHint: "Skriv et ord eller et alias. Æ, ø og å må gerne staves på andre måder.",
  searchesHere: `Søger kun på ${here}.`,
  alsoShows: (words: string) => `Viser også ${words}.`,
  clear: "Ryd",
  nothingFound: `Det står ikke på ${here}. Prøv et kortere ord.`,
  everything: "Alt",
  showOnly: "Vis",
  found: (hits: number, people: number) => `${few(hits, "sted", "steder")} hos ${people}`,
  thereIsMore: "Der er flere. Skriv lidt mere.",
  hitKind: (k: SearchHit["kind"]) => ({ note: "Note", meeting: "Kontakt", offer: "Indsats", task: "Aftalt", profile: "Alias" })[k],
  hitKinds: (k: SearchHit["kind"]) => ({ note: "Noter", meeting: "Kontakter", offer: "Indsatser", task: "Aftalt", profile: "Alias" })[k],
});

export type CaseWords = ReturnType<typeof caseDa>;
