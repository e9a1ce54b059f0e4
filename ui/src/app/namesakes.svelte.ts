// Who shares an alias, told in words: the mark, and a line that says where each of them is.
import type { Host } from "../host/host";
import { live } from "../live/live.svelte";
import { marks, type Namesake } from "../parts/namesake";
import { say } from "../words/say.svelte";

/** call while a component is being made */
export function namesakesOf(host: Host): (id: string) => Namesake | null {
  const people = live(() => "namesakes", () => host.cases(), (changed) => changed.cases.length > 0);
  const known = $derived(marks(people.value ?? []));
  return (id) => {
    const mark = known.get(id);
    const row = mark && people.value?.find((p) => p.id === id);
    if (!mark || !row) return null;
    const since = row.days_since === null ? say().noContactYet : say().lastSeen(row.days_since);
    return { ...mark, label: say().markName(mark.shape, mark.tint), line: `${say().stage(row.stage)} · ${since}` };
  };
}
