// Which device is in sight, and which acts are open on it. What may be done is said by the device, never found out here.
import type { Pending, RosterDevice } from "../host/bindings";
import type { PeopleAt } from "../live/ways";

export type Act = "device" | "revoke" | "sheet";

export class ChosenDevice {
  #list: () => RosterDevice[];
  #wanted = $state<string | null>(null);

  /** 0-based; -1 while nothing is chosen */
  at = $derived.by(() => this.#list().findIndex((d) => d.device === this.#wanted));
  current = $derived.by<RosterDevice | null>(() => this.#list()[this.at] ?? null);

  constructor(list: () => RosterDevice[]) {
    this.#list = list;
  }

  select(device: string) {
    this.#wanted = device;
  }

  /** from nothing chosen: forward to the first, back to the last */
  step(by: 1 | -1): RosterDevice | null {
    const all = this.#list();
    const to = this.at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(this.at + by, 0), all.length - 1);
    this.#wanted = all[to]?.device ?? null;
    return all[to] ?? null;
  }
}

export const mayDo = (device: RosterDevice, act: Act): boolean => act === "device" || (act === "revoke" ? device.may_revoke : device.may_see_sheet);

/** what the keyboard opens: null where that key does nothing */
export function opened(key: string, device: RosterDevice | null, mayAdmit: boolean): PeopleAt | null {
  if (key === "n" && mayAdmit) return { name: "enrol", member: null };
  const act = { s: "revoke" as const, r: "sheet" as const }[key];
  return act && device && mayDo(device, act) ? { name: act, device: device.device } : null;
}

/** the device a panel is about */
export const deviceOf = (at: PeopleAt | null): string | null => (at && "device" in at ? at.device : null);

/** new keys for many cases are told in one line */
export type Told = { pending: Pending; count: number };
export function together(pending: Pending[]): Told[] {
  const isKey = (p: Pending) => p.what === "key" && p.case !== null && p.refused === null;
  const keys = pending.filter(isKey);
  const first = keys[0];
  if (!first || keys.length < 3) return pending.map((p) => ({ pending: p, count: 1 }));
  return pending.flatMap((p) => (p === first ? [{ pending: p, count: keys.length }] : isKey(p) ? [] : [{ pending: p, count: 1 }]));
}

/** how many decisions of this kind have not reached the server, and will by themselves */
export const stillWaiting = (pending: Pending[], ...kinds: string[]): number => pending.filter((p) => p.refused === null && kinds.includes(p.what)).length;
