// Each act as a plain sentence. Words that this version does not know get a sentence that says so.
import type { HistoryView, MeetingKind, OfferKind, OfferStatus } from "../host/bindings";
import type { Words } from "../words/da";
import { daysBetween, longDay, opening } from "../words/dates";

/** every word that the device writes into a case's history */
export const ACTS = [
  "profile.set", "offer.status", "step.add", "step.done", "step.open", "step.remove", "step.restore", "meeting.log", "meeting.at", "meeting.remove", "meeting.restore",
  "appointment.add", "appointment.move", "appointment.remove", "appointment.restore",
  "note.add", "note.write", "note.finish", "note.reopen", "note.remove", "note.restore", "task.add", "task.done", "task.open", "task.due", "task.remove", "task.restore",
  "stage.event", "stage.correct", "salvage.accept", "salvage.reject",
] as const;

export type Act = (typeof ACTS)[number];
const known = (act: string): act is Act => (ACTS as readonly string[]).includes(act);

/** Du · Mikkel · Nogen */
export function person(w: Words, h: Pick<HistoryView, "by">, me: string): string {
  if (!h.by?.name) return w.somebody;
  return h.by.name === me ? opening(w.youDid) : h.by.name;
}

const LONGEST = 56;

/** the first words, so that they fit into a sentence: without marks of their own at the ends */
export function beginning(text: string): string {
  const bare = text.trim().replace(/^[”"“'’»«]+|[”"“'’»«.…]+$/gu, "");
  if (bare.length <= LONGEST) return bare;
  const cut = bare.slice(0, LONGEST);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), LONGEST / 2))} …`;
}

export function sentenceOf(w: Words, h: HistoryView, me: string): string {
  const who = person(w, h, me);
  if (!known(h.act)) return w.actUnknown(who);
  const [first = "", second = "", third = ""] = h.detail.split(" ");
  const said = (text: string | null) => (text ? ` ${w.quote(beginning(text))}` : "");
  const kind = (word: string) => w.kind(word as MeetingKind) ?? "";
  return w.acts({
    who,
    title: said(h.title),
    offer: w.offer(first as OfferKind) ?? "",
    from: w.offerStatus(second as OfferStatus) ?? second,
    to: w.offerStatus(third as OfferStatus) ?? third,
    meeting: kind(first) || kind(h.title ?? ""),
    promise: first === "promise",
    stage: w.stageAct(first),
    times: h.changes,
  })[h.act];
}

export type Day = { key: string; label: string; entries: HistoryView[] };

/** neighbours of the same day stand together; the order is what each one knew, so a day may come again where a clock was wrong */
export function byDay(w: Words, entries: HistoryView[], now: number): Day[] {
  const out: Day[] = [];
  for (const [i, entry] of entries.entries()) {
    const last = out.at(-1);
    const before = last?.entries.at(-1);
    if (last && before && daysBetween(before.at, entry.at) === 0) last.entries.push(entry);
    else out.push({ key: `${entry.at}-${i}`, label: dayLabel(w, entry.at, now), entries: [entry] });
  }
  return out;
}

function dayLabel(w: Words, at: number, now: number): string {
  const away = daysBetween(now, at);
  if (away === 0) return opening(w.dayToday);
  if (away === -1) return opening(w.dayYesterday);
  const year = new Date(at).getFullYear();
  return opening(longDay(w, at)) + (year === new Date(now).getFullYear() ? "" : ` ${year}`);
}
