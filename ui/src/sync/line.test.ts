import { expect, it } from "vitest";
import type { SyncLine } from "../host/bindings";
import { daOn } from "../words/da";
import { stateLine } from "./line";

const da = daOn("telefonen");
const now = new Date(2026, 10, 24, 13, 4).getTime();
const said = (line: SyncLine) => {
  const { text, more } = stateLine(da, line, now);
  return text + more;
};

it("says each state in one quiet line", () => {
  const today = now - 3_600_000;
  const yesterday = new Date(2026, 10, 23, 10, 32).getTime();
  const saturday = new Date(2026, 10, 21, 14, 32).getTime();
  expect(said({ state: "all_sent", waiting: 0, last_fetched_at: today })).toBe("Alt er sendt");
  expect(said({ state: "all_sent", waiting: 0, last_fetched_at: yesterday })).toBe("Sidst hentet i går 10.32");
  expect(said({ state: "waiting", waiting: 3, last_fetched_at: today })).toBe("3 venter — sendes, når der er net");
  expect(said({ state: "never", waiting: 0, last_fetched_at: null })).toBe("Ikke hentet endnu");
  expect(said({ state: "unheard", waiting: 3, last_fetched_at: today })).toBe("Intet fra en koordinator i en uge");
  expect(said({ state: "stale_72h", waiting: 3, last_fetched_at: saturday })).toBe("Sidst hentet lørdag 14.32 · find net i to minutter");
});

it("is amber only after 72 hours, and sent only with a receipt", () => {
  const states = ["all_sent", "waiting", "never", "stale_72h", "sending", "unheard"] as const;
  const lines = states.map((state) => stateLine(da, { state, waiting: state === "waiting" ? 1 : 0, last_fetched_at: state === "never" ? null : now }, now));
  expect(lines.map((l) => l.long)).toEqual([false, false, false, true, false, true]);
  expect(lines.map((l) => l.dot)).toEqual(["server", "here", "here", "here", "here", "here"]);
});
