// The pretend host's wide screen: conflicts of all cases, a new case.
import type { Host } from "./host";
import type { World } from "./pretend";

const notYet = async (): Promise<never> => Promise.reject({ code: "app.unknown", wait_s: null });

type Part = Pick<Host, "conflicts" | "resolve" | "newCase">;

export function pretendDesk(_world: World): Part {
  return { conflicts: async () => [], resolve: notYet, newCase: notYet };
}
