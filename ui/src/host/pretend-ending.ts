// The pretend host's ends of cases. ?endings=1 (one held, one proposed by somebody else, one erased)
import type { Ending, EraseBasis } from "./bindings";
import type { Host } from "./host";
import type { World } from "./pretend";
import { ME } from "./pretend-data";

type Part = Pick<Host, "endings" | "holdCase" | "eraseCase" | "approveErasure">;

const DAY = 86_400_000;

export function pretendEnding(world: World): Part {
  const now = world.now();
  const alias = (id: string) => world.cases().find((c) => c.id === id)?.alias ?? null;
  const kept = new Map<string, Ending>();
  const of = (id: string): Ending => kept.get(id) ?? { case: id, alias: alias(id), held: false, proposals: [], erased: null };
  const erased = (id: string, basis: EraseBasis, at: number): Ending => ({
    ...of(id), alias: null, held: false, proposals: [],
    erased: {
      basis, at, backups_lapse: at + 35 * DAY, unsent: 0, renewing: false, residual: true,
      devices: [
        { device: "d1", device_name: "Android-telefon", person: ME, at, revoked: false },
        { device: "d2", device_name: "telefon", person: "Mikkel Rønnow Bæk", at: null, revoked: false },
      ],
    },
  });
  if (world.wishes.endings) {
    kept.set("c1", { ...of("c1"), held: true });
    kept.set("c9", { ...of("c9"), proposals: [{ basis: "retention", by: "Hanne", mine: false, expires: now + 5 * DAY }] });
    kept.set("c10", erased("c10", "candidate", now - 3 * DAY));
  }
  const settle = (id: string, next: Ending) => {
    if (next.held || next.proposals.length || next.erased) kept.set(id, next);
    else kept.delete(id);
    world.tell({ sync: true, cases: [id] });
  };
  return {
    endings: async () => {
      await world.turn();
      return [...kept.values()];
    },
    holdCase: async (id, on) => {
      await world.turn();
      settle(id, { ...of(id), held: on });
    },
    eraseCase: async (id, basis, secret) => {
      await world.turn();
      world.tryOut(secret === world.made.pin ? "pin" : "passphrase", secret);
      if (of(id).held) throw { code: "log.held", wait_s: null };
      if (basis === "candidate") {
        settle(id, erased(id, basis, world.now()));
        return "decided";
      }
      settle(id, { ...of(id), proposals: [{ basis, by: ME, mine: true, expires: world.now() + 7 * DAY }] });
      return "proposed";
    },
    approveErasure: async (id, secret) => {
      await world.turn();
      world.tryOut(secret === world.made.pin ? "pin" : "passphrase", secret);
      settle(id, erased(id, of(id).proposals[0]?.basis ?? "retention", world.now()));
    },
  };
}
