// What the state line and its sheet say in each state. Grey until 72 hours have passed.
import type { SyncLine } from "../host/bindings";
import type { Words } from "../words/da";
import { when } from "../words/dates";

export type Line = { text: string; more: string; dot: "here" | "server"; long: boolean };

const DAY = 86_400_000;

export function stateLine(w: Words, line: SyncLine, now: number): Line {
  const calm = { more: "", dot: "here" as const, long: false };
  const fetched = line.last_fetched_at;
  if (line.state === "stale_72h" && fetched !== null) return { ...calm, text: w.lastFetched(when(w, fetched, now)), more: w.findNetwork, long: true };
  if (line.state === "unheard") return { ...calm, text: w.unheard, long: true };
  if (line.state === "sending") return { ...calm, text: w.sending(line.waiting) };
  if (line.waiting > 0) return { ...calm, text: w.waiting(line.waiting), more: w.waitingMore };
  if (line.state === "never" || fetched === null) return { ...calm, text: w.neverFetched };
  if (now - fetched > DAY) return { ...calm, text: w.lastFetched(when(w, fetched, now)) };
  return { ...calm, text: w.allSent, dot: "server" };
}
