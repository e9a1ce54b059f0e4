// How much room something takes, as people say it.
import type { Words } from "./da";

/** 940 kB · 48 MB · 1,2 GB; bytes in thousands, as shops and systems count them */
export function size(w: Words, bytes: number): string {
  const units = ["kB", "MB", "GB", "TB"] as const;
  let unit = 0;
  let amount = bytes / 1000;
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  const digits = unit >= 2 && amount < 10 ? 1 : 0;
  return `${new Intl.NumberFormat(w.lang === "da" ? "da-DK" : "en-GB", { maximumFractionDigits: digits }).format(Math.max(1, amount))} ${units[unit]}`;
}
