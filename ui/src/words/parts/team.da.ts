// Danish: who reads a case: taking somebody out, giving it to somebody, handing it over.
const few = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

export const teamDa = () => ({
  team: "Hvem læser forløbet",
  teamCount: (n: number) => few(n, "person", "personer"),
  teamUntil: (when: string) => `til ${when}`,
  teamBorn: "Kun dig indtil videre. Koordinatorerne kommer med, når det er sendt.",
  teamTakeOut: "Tag ud",
  teamTakeOutOf: (name: string) => `Tag ud: ${name}`,
  teamTakeOutSays: (name: string) => `Fra næste synkronisering kan ${name} ikke læse eller skrive her, og telefonen glemmer forløbet. Det, der ikke er sendt, lægges til dig.`,
  teamTakenOut: (name: string) => `${name} er ude fra næste synkronisering.`,
  teamGive: "Giv det til en anden",
  teamNobody: "Alle, der kan få det, har det.",
  teamToWhom: "Til hvem",
  teamHow: "Hvordan",
  teamAlso: "Også",
  teamAlsoHint: "De andre bliver",
  teamInstead: "I stedet for en anden",
  teamInsteadHint: "Én kommer, én går",
  teamHowLong: "Hvor længe",
  teamForGood: "Uden slutdato",
  teamWeek: "En uge",
  teamMonth: "En måned",
  teamFrom: "Hvem går",
  teamWhen: "Hvornår",
  teamAtOnce: "Straks",
  teamAfterDays: (days: number) => `Om ${days} dage`,
  teamAfterGive: (to: string, until: string | null) => (until === null ? `${to} kan læse og skrive alt i forløbet fra næste synkronisering.` : `${to} kan læse og skrive alt i forløbet fra næste synkronisering og til ${until}.`),
  teamAfterOver: (from: string, to: string, days: number) => (days === 0 ? `${to} kommer med, og ${from} er ude fra næste synkronisering.` : `${to} kommer med fra næste synkronisering. ${from} er med i ${days} dage endnu.`),
  teamMissing: "Vælg, hvem der skal have det.",
  teamMissingFrom: "Vælg, hvem der går.",
  teamDo: "Giv forløbet",
  teamDoOver: "Overdrag forløbet",
  teamPending: "Venter på at blive sendt",
});

export type TeamWords = ReturnType<typeof teamDa>;
