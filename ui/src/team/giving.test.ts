import { describe, expect, it, vi } from "vitest";
import type { Reader, Roster } from "../host/bindings";
import { candidates, Giving } from "./giving.svelte";

const NOW = Date.UTC(2026, 10, 23, 12);
const reader = (member: string): Reader => ({ member, name: member, role: "mentor", until: null });
const device = (member: string, more: object = {}) => ({ device: `d-${member}`, member, person: member, role: "mentor", standing: "active", ...more });
const to = { member: "m2", name: "Yasmin", role: "mentor" as const };

function giving(also: object = {}) {
  const host = { assign: vi.fn(async () => undefined), handOver: vi.fn(async () => undefined), ...also };
  return { host, giving: new Giving(host as never, "c1") };
}

describe("giving a case to somebody", () => {
  it("names who may have it and has it not, each once", () => {
    const devices = [device("m1"), device("m2"), device("m2", { device: "second" }), device("m3", { role: "it" }), device("m4", { standing: "revoked" }), device("m5", { role: "dpo" }), device("m6", { role: "substitute" })];
    expect(candidates({ devices } as unknown as Roster, [reader("m1")]).map((c) => c.member)).toEqual(["m2", "m6"]);
  });

  it("gives it beside the others, for good or for a time", async () => {
    const { host, giving: g } = giving();
    expect([g.ready, await g.give(NOW)]).toEqual([false, false]);
    g.to = to;
    expect(await g.give(NOW)).toBe(true);
    g.to = to;
    g.span = "week";
    await g.give(NOW);
    expect(host.assign.mock.calls).toEqual([["c1", "m2", null], ["c1", "m2", NOW + 7 * 86_400_000]]);
    expect([g.to, g.span]).toEqual([null, "good"]);
  });

  it("hands it over only when somebody goes, and keeps what was chosen when that is refused", async () => {
    const { host, giving: g } = giving({ handOver: vi.fn().mockRejectedValueOnce({ code: "log.last_coordinator" }).mockResolvedValue(undefined) });
    Object.assign(g, { to, instead: true, span: "month", overlap: 14 });
    expect([g.ready, g.until(NOW)]).toEqual([false, null]);
    g.from = reader("m1");
    expect([await g.give(NOW), g.error?.code, g.from?.member]).toEqual([false, "log.last_coordinator", "m1"]);
    expect([await g.give(NOW), g.error, g.from]).toEqual([true, null, null]);
    expect(host.handOver.mock.calls.at(-1)).toEqual(["c1", "m1", "m2", 14]);
    expect(host.assign).not.toHaveBeenCalled();
  });
});
