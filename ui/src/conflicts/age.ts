// How long something has waited, in the largest whole unit.
import type { Words } from "../words/da";

const HOUR = 3_600_000;

export function age(w: Words, since: number, now: number): string {
  const hours = Math.floor(Math.max(0, now - since) / HOUR);
  if (hours < 1) return w.ageMinutes;
  return hours < 24 ? w.ageHours(hours) : w.ageDays(Math.floor(hours / 24));
}
