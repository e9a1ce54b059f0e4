// Days that people choose between, and moving from one to the next. A day is `yyyy-mm-dd` where the person is.
import type { Words } from "./da";
import { daysBetween, diaryDay, fromIso, opening } from "./dates";

export function isoDay(at: number | Date): string {
  const d = new Date(at);
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`;
}

/** `days` later, or earlier */
export function daysOn(iso: string, days: number): string {
  const d = fromIso(iso);
  d.setDate(d.getDate() + days);
  return isoDay(d);
}

/** a month later, or its last day where the month is shorter */
export function monthOn(iso: string): string {
  const d = fromIso(iso);
  const date = d.getDate();
  d.setDate(1);
  d.setMonth(d.getMonth() + 2, 0);
  d.setDate(Math.min(date, d.getDate()));
  return isoDay(d);
}

/** the number of the ISO week that a day lies in: weeks begin on Monday, and each belongs to the year that has its Thursday */
export function weekOf(iso: string): number {
  const thursday = fromIso(iso);
  thursday.setDate(thursday.getDate() + 4 - (thursday.getDay() || 7));
  return 1 + Math.floor(daysBetween(new Date(thursday.getFullYear(), 0, 1), thursday) / 7);
}

/** the days that a promise or a task usually gets */
export function likelyDays(w: Words, now: number): { iso: string; label: string }[] {
  const today = isoDay(now);
  return [
    { iso: today, label: opening(w.dayToday) },
    { iso: daysOn(today, 1), label: opening(w.dayTomorrow) },
    { iso: daysOn(today, 7), label: w.inAWeek },
    { iso: monthOn(today), label: w.inAMonth },
  ];
}

/** Torsdag 26. nov. · Ingen dag */
export const dayChosen = (w: Words, iso: string | null, now: number) => (iso === null ? w.noDay : opening(diaryDay(w, fromIso(iso), now)));

/** a day as people write it, day before month: 15.11.2027, 15/11 27, 15112027; null where it is none */
export function readDay(text: string): string | null {
  const year = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text.trim());
  const parts = year ? [year[3], year[2], year[1]] : (/^(\d{1,2})[-./, ]+(\d{1,2})[-./, ]+(\d{4}|\d{2})$/.exec(text.trim()) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(text.trim()))?.slice(1);
  if (!parts) return null;
  const [d = 0, m = 0, y = 0] = parts.map(Number);
  const date = new Date(y < 100 ? 2000 + y : y, m - 1, d);
  return date.getDate() === d && date.getMonth() === m - 1 ? isoDay(date) : null;
}
