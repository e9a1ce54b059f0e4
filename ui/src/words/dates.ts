// Days and hours as people say them. Times are read in the person's own time zone.
import type { Words } from "./da";
import type { ClockUnit } from "./parts/case.da";

const DAY = 86_400_000;
const locale = (w: Words) => (w.lang === "da" ? "da-DK" : "en-GB");
const two = (n: number) => String(n).padStart(2, "0");

/** 13.04 in Danish, 13:04 in English */
export function clock(w: Words, at: number | Date): string {
  const d = new Date(at);
  return w.lang === "da" ? `${d.getHours()}.${two(d.getMinutes())}` : `${two(d.getHours())}:${two(d.getMinutes())}`;
}

const HOME = "Europe/Copenhagen";
const HOUR = 3_600_000;

/** the wall clock of a zone, 14:00; null for a zone that this device does not know */
function wall(at: number, zone: string): string | null {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
  } catch {
    return null;
  }
}
const asSaid = (w: Words, hhmm: string) => (w.lang === "da" ? hhmm.replace(/^0?(\d+):/, "$1.") : hhmm);

/**
 * the clock as the person read it where the contact was, with Danish time beside it where that differs, and which of the two
 * where an hour came twice
 */
export function clockThere(w: Words, at: number, zone: string | null): string {
  const danish = wall(at, HOME) ?? "";
  const there = zone === null ? null : wall(at, zone);
  if (zone !== null && there !== null && there !== danish) return w.elsewhere(asSaid(w, there), placeOf(zone), asSaid(w, danish));
  if (zone === null) return clock(w, at);
  if (wall(at + HOUR, HOME) === danish) return `${asSaid(w, danish)} ${w.summerTime}`;
  if (wall(at - HOUR, HOME) === danish) return `${asSaid(w, danish)} ${w.winterTime}`;
  return asSaid(w, danish);
}

/** Nuuk, of America/Nuuk */
const placeOf = (zone: string) => (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");

/** what was said, 2.30 of 2025-03-30T02:30 */
export const saidClock = (w: Words, said: string) => asSaid(w, said.slice(11, 16));

/** an ISO date as midnight where the person is */
export function fromIso(iso: string): Date {
  const [y = 1970, m = 1, d = 1] = iso.split("-").map(Number);
  return new Date(y, m - 1, d);
}

/** whole calendar days from `now` to `at`: yesterday is -1 */
export function daysBetween(now: number | Date, at: number | Date): number {
  const noon = (x: number | Date) => new Date(x).setHours(12, 0, 0, 0);
  return Math.round((noon(at) - noon(now)) / DAY);
}

const weekday = (w: Words, at: number | Date) => new Intl.DateTimeFormat(locale(w), { weekday: "long" }).format(at);

function shortDate(w: Words, at: number | Date, now: number | Date): string {
  const d = new Date(at);
  const month = new Intl.DateTimeFormat(locale(w), { month: "short" }).format(d).replace(/\.$/, "");
  const dotted = w.lang === "da" && month !== "maj" ? `${month}.` : month;
  const year = d.getFullYear() === new Date(now).getFullYear() ? "" : ` ${d.getFullYear()}`;
  return w.lang === "da" ? `${d.getDate()}. ${dotted}${year}` : `${d.getDate()} ${month}${year}`;
}

/** tirsdag 24. november · Tuesday 24 November */
export function longDay(w: Words, at: number | Date): string {
  const d = new Date(at);
  const month = new Intl.DateTimeFormat(locale(w), { month: "long" }).format(d);
  return w.lang === "da" ? `${weekday(w, d)} ${d.getDate()}. ${month}` : `${weekday(w, d)} ${d.getDate()} ${month}`;
}

/** i dag · i går · torsdag · 3. mar. — the day on its own, as short as it stays clear */
export function day(w: Words, at: number | Date, now: number | Date): string {
  const away = daysBetween(now, at);
  if (away === 0) return w.dayToday;
  if (away === -1) return w.dayYesterday;
  if (away === 1) return w.dayTomorrow;
  return Math.abs(away) < 7 ? weekday(w, at) : shortDate(w, at, now);
}

/** i dag · lørdag 21. nov. — the day with its date, as a diary has it */
export function diaryDay(w: Words, at: number | Date, now: number | Date): string {
  const away = daysBetween(now, at);
  if (away === 0) return w.dayToday;
  if (away === -1) return w.dayYesterday;
  return `${weekday(w, at)} ${shortDate(w, at, now)}`;
}

/** 3. mar. — the day something was reached; a month or a year on its own when that is all that is known */
export function reached(w: Words, on: string, now: number | Date): string {
  return on.length === 10 ? shortDate(w, fromIso(on), now) : on;
}

/** i går 14.32 */
export const when = (w: Words, at: number | Date, now: number | Date) => `${day(w, at, now)} ${clock(w, at)}`;

/** By how much a clock was off, in the unit a person would say: Uret på telefonen var 3 dage foran. */
export function clockOff(w: Words, ahead: number): string {
  const off = Math.abs(ahead);
  const units: [ClockUnit, number][] = [["year", 365 * 864e5], ["day", 864e5], ["hour", 36e5], ["minute", 6e4]];
  const [unit, length] = units.find(([, long]) => off >= long * 0.95) ?? ["minute", 6e4];
  return w.clockOff(ahead > 0, Math.max(1, Math.round(off / length)), unit);
}

/** first letter large, for a line of its own */
export const opening = (text: string) => text.charAt(0).toLocaleUpperCase() + text.slice(1);
/** the same inside a sentence; never for what a person chose to be called */
export const within = (text: string): string => text.charAt(0).toLocaleLowerCase() + text.slice(1);

/** Åse, Mikkel og Hanne */
export function listed(w: Words, names: string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} ${w.and} ${names.at(-1)}`;
}
