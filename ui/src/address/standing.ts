// How things stand with an address, in as few words as fit beside it.
import type { AddressStanding, ReleaseAsked, Role } from "../host/bindings";
import type { Words } from "../words/da";
import { listed, when } from "../words/dates";

export const mayAgree = (role: Role | null, asked: ReleaseAsked): boolean => !asked.mine && !asked.agreed && (role === "coordinator" || role === "programme_lead" || role === "dpo");

/** whether a case has anything to say of an address to this person */
export const concerns = (s: AddressStanding): boolean => s.is_kept || s.may_enter || s.may_read_log || s.asked.length > 0;

const first = (name: string) => name.split(/\s+/)[0] ?? name;

/** Frigivet til dig til i dag 22.00 · 1 venter på et ja */
export function standingLine(w: Words, s: AddressStanding, me: string, now: number): string {
  const waits = s.asked.filter((a) => !a.agreed).length;
  return [stands(w, s, me, now), waits > 0 ? w.addressAskedFor(waits) : "", s.waiting > 0 ? w.addressUnsent(s.waiting) : ""].filter(Boolean).join(" · ");
}

function stands(w: Words, s: AddressStanding, me: string, now: number): string {
  if (!s.is_kept) return w.addressNotWritten;
  if (s.may_see && s.until !== null) return w.addressYours(when(w, s.until, now));
  const others = s.readers.filter((r) => r.name !== me).map((r) => (r.until === null ? first(r.name) : `${first(r.name)} ${w.addressUntil(when(w, r.until, now))}`));
  if (s.may_see) return others.length ? w.addressSeenBy(listed(w, [w.addressYou, ...others])) : w.addressYours(null);
  return w.addressNotYours;
}

/** those who can put it right, for the sentence about an address that is not resolved */
export function coordinators(w: Words, s: AddressStanding, me: string): string {
  const names = s.readers.filter((r) => r.role === "coordinator" && r.name !== me).map((r) => first(r.name));
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} ${w.or} ${names.at(-1)}` : (names[0] ?? "");
}
