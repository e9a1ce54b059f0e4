// A thing from quarantine as people say it: where it has no words of its own, its stable words are translated.
import type { MeetingKind, OfferKind, OfferStatus, Programme, Salvaged, SalvageSaid } from "../host/bindings";
import { fromIso, longDay, opening } from "../words/dates";
import type { Words } from "../words/da";

const isDate = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text);

export function thingWords(w: Words, thing: Salvaged): { title: string; text: string | null } {
  const { title, text } = thing;
  switch (thing.kind) {
    case "meeting":
      return { title: opening(w.kind(title as MeetingKind) ?? title), text: null };
    case "appointment":
      return { title: opening(w.kind(title as MeetingKind) ?? title), text };
    case "offer":
      return { title: w.offer(title as OfferKind) ?? title, text: text && (w.offerStatus(text as OfferStatus) ?? text) };
    case "step":
      return { title, text: text && (w.offer(text as OfferKind) ?? text) };
    case "stage":
      return { title: opening(w.stageAct(title)), text: text && isDate(text) ? longDay(w, fromIso(text)) : text };
    case "task":
      return { title, text: text && isDate(text) ? longDay(w, fromIso(text)) : text };
    case "case":
      return { title, text: text === null ? null : w.salvageWhole(Number(text)) };
    case "note": {
      // Its name is its own first line, which may be cut short: the whole stands here anyhow.
      const [first = "", ...rest] = (text ?? title).trim().split("\n");
      return { title: first, text: rest.join("\n").trim() || null };
    }
    case "profile":
      return { title, text };
  }
}

/** What else would be done, as one line; null where title, text and time say it all. */
export function saidWords(w: Words, thing: Salvaged): string | null {
  const one = ({ act, value }: SalvageSaid) => {
    if (value === null) return w.salvageSaid(act);
    const told = act === "programme" ? (w.programme(value as Programme) ?? value) : isDate(value) ? longDay(w, fromIso(value)) : value;
    return `${w.salvageSaid(act)}: ${told}`;
  };
  return thing.said.length ? opening(thing.said.map(one).join(" · ")) : null;
}
