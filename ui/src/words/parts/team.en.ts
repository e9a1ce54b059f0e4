// English: who reads a case: taking somebody out, giving it to somebody, handing it over.
import type { TeamWords } from "./team.da";

const few = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

export const teamEn = (): TeamWords => ({
  team: "Who reads the case",
  teamCount: (n) => few(n, "person", "people"),
  teamUntil: (when) => `until ${when}`,
  teamBorn: "Only you so far. The coordinators come in when it is sent.",
  teamTakeOut: "Take out",
  teamTakeOutOf: (name) => `Take out: ${name}`,
  teamTakeOutSays: (name) => `From the next sync on ${name} can neither read nor write here, and their phone forgets the case. What was not sent is put aside for you.`,
  teamTakenOut: (name) => `${name} is out from the next sync on.`,
  teamGive: "Give it to somebody",
  teamNobody: "Everybody who can have it has it.",
  teamToWhom: "To whom",
  teamHow: "How",
  teamAlso: "As well",
  teamAlsoHint: "The others stay",
  teamInstead: "Instead of somebody",
  teamInsteadHint: "One comes, one goes",
  teamHowLong: "For how long",
  teamForGood: "Without an end",
  teamWeek: "A week",
  teamMonth: "A month",
  teamFrom: "Who goes",
  teamWhen: "When",
  teamAtOnce: "At once",
  teamAfterDays: (days) => `In ${days} days`,
  teamAfterGive: (to, until) => (until === null ? `${to} can read and write everything in the case from the next sync on.` : `${to} can read and write everything in the case from the next sync on and until ${until}.`),
  teamAfterOver: (from, to, days) => (days === 0 ? `${to} comes in, and ${from} is out from the next sync on.` : `${to} comes in with the next sync. ${from} stays ${days} more days.`),
  teamMissing: "Choose who is to have it.",
  teamMissingFrom: "Choose who goes.",
  teamDo: "Give the case",
  teamDoOver: "Hand the case over",
  teamPending: "Waits to be sent",
});
