// When a device was last heard of, as people say it.
import type { RosterDevice } from "../host/bindings";
import { daysBetween, when } from "../words/dates";
import type { Words } from "../words/da";

export function heard(w: Words, device: Pick<RosterDevice, "this" | "heard_at" | "unheard">, now: number): string {
  if (device.this) return w.heardNow;
  if (device.heard_at === null) return w.heardNever;
  return device.unheard ? w.heardDaysAgo(-daysBetween(now, device.heard_at)) : when(w, device.heard_at, now);
}
