// The pretend host's people and devices: blocking goes through when there is a network, quarantine holds a lost phone's words.
// ?role=it ?people=0 (only this device) ?asks=0 (nobody asks) ?seconds=1 (two acts wait for a second person) ?handed=0 (empty quarantine) ?net=offline
import type { BreachSheet, Pending, PolicyAsked, Quarantined, Request, RevokeReason, RosterDevice, Salvaged } from "./bindings";
import type { Host } from "./host";
import type { World } from "./pretend";
import { ME } from "./pretend-data";
import { REQUEST } from "./pretend-device";

type Part = Pick<Host, "people" | "pending" | "invite" | "requests" | "refuseRequest" | "policiesAsked" | "agreeToPolicy" | "approve" | "assign" | "readers" | "unassign" | "handOver" | "revoke" | "breachSheet" | "receipt" | "picture" | "quarantine" | "acceptQuarantined" | "rejectQuarantined">;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** how long a new key takes when there is a network, in milliseconds */
const KEY_TAKES = 120;
export const SPOKEN = ["abacus", "lantern", "cinnamon", "ankle", "fjord", "stool", "violin"];

type Kept = RosterDevice & { held: string[]; renewed: Set<string>; reason: RevokeReason | null; revoked_at: number | null };
type Sketch = { device: string; person: string; name: string; role?: RosterDevice["role"]; hours: number | null; cases: number; revoked?: RevokeReason };

const SKETCHES: Sketch[] = [
  { device: "d1", person: "Åse Thorup Lindegaard", name: "Android-telefon", hours: 0, cases: 8 },
  { device: "d2", person: "Mikkel Rønnow Bæk", name: "telefon", hours: 0.25, cases: 8 },
  { device: "d3", person: "Yasmin El-Khatib", name: "telefon", hours: 15.8, cases: 7 },
  { device: "d4", person: "Kirsten-Marie Nørgaard von Blücher-Hansen", name: "Kirsten-Maries telefon", hours: 8 * 24, cases: 8 },
  { device: "d5", person: "Emil Sörensen", name: "telefon", hours: 255 * 24, cases: 6, revoked: "lost" },
  { device: "d6", person: "Birgit Holm", name: "it-pc", role: "it", hours: null, cases: 0 },
];

/** looks like such a picture and says nothing */
function drawn(text: string): { size: number; path: string } {
  const size = 45;
  const inCorner = (x: number, y: number) => [[0, 0], [size - 7, 0], [0, size - 7]].find(([cx = 0, cy = 0]) => x >= cx - 1 && x <= cx + 7 && y >= cy - 1 && y <= cy + 7);
  const dark = (x: number, y: number) => {
    const corner = inCorner(x, y);
    if (!corner) return (x * 7 + y * 13 + x * y + text.charCodeAt((x + y * size) % text.length)) % 3 === 0;
    const [dx, dy] = [x - (corner[0] ?? 0), y - (corner[1] ?? 0)];
    const ring = Math.max(Math.abs(dx - 3), Math.abs(dy - 3));
    return ring === 3 || ring <= 1;
  };
  let path = "";
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) if (dark(x, y)) path += `M${x} ${y}h1v1h-1z`;
  return { size, path };
}

const thing = (key: string, kind: Salvaged["kind"], title: string, text: string | null, at: number | null, said: Salvaged["said"] = []): Salvaged => ({ key, kind, title, text, at, changes: false, said, state: "open" });

function handedIn(now: number): Quarantined[] {
  const of = { device: "d5", device_name: "telefon", person: "Emil Sörensen", came_at: now - 20 * HOUR };
  return [
    {
      ...of, id: "q1", case: "c1", alias: "Falken", code: null, open: 4,
      things: [
        thing("s1", "note", "Han ringede fra stationen.", "Han ringede fra stationen.\nHan vil gerne flytte før jul og spørger, om Mikkel kan være med.", now - 30 * HOUR),
        thing("s2", "meeting", "phone", "took_place", now - 31 * HOUR, [{ act: "minutes", value: "20" }]), thing("s3", "task", "Ring til banken", null, now - 30 * HOUR, [{ act: "owner", value: "Emil" }, { act: "due", value: "2026-12-01" }]), thing("s4", "offer", "therapy", "running", null),
      ],
    },
    { ...of, id: "q2", case: "c9", alias: "Lærken", code: "quarantine.incomplete", open: 1, things: [thing("s5", "case", "Lærken", "3", now - 40 * HOUR)] },
  ];
}

export function pretendPeople(world: World): Part {
  const role = () => world.state().me?.role ?? "mentor";
  const admits = () => role() === "coordinator";
  const countersigns = () => ["coordinator", "programme_lead", "dpo"].includes(role());
  const seconds = world.wishes.seconds === "1";
  let policies: PolicyAsked[] = seconds ? [{ id: "p1", version: "0.4.0", server: null, by: "Hanne", may_agree: true, expires: world.now() + 6 * DAY }] : [];
  const ids = () => world.cases().map((c) => c.id);
  const base = { forced: false, may_revoke: false, may_see_sheet: false, cases: null };
  const made = (s: Sketch): Kept => ({
    ...base, device: s.device, name: s.name, member: `m-${s.device}`, person: s.person, role: s.role ?? "mentor", this: false, standing: s.revoked ? "revoked" : "active",
    heard_at: s.hours === null ? null : world.now() - s.hours * HOUR, unheard: !s.revoked && (s.hours ?? 0) >= 7 * 24, held: ids().slice(0, s.cases), renewed: new Set(s.revoked ? ids() : []), reason: s.revoked ?? null, revoked_at: s.revoked ? world.now() - 250 * DAY : null,
  });
  const devices: Kept[] = world.wishes.people === "0" ? [] : SKETCHES.map(made);
  devices.push({ ...made({ device: "d0", person: ME, name: "Kontor-pc", hours: 0, cases: 8 }), member: ME, this: true });
  const items = world.wishes.handed === "0" ? [] : handedIn(world.now());
  let pending: Pending[] = [];
  let invited: { person: string; member: string; role: RosterDevice["role"]; expires: number }[] = [];
  const asks: Request[] = seconds ? [{ id: REQUEST, person: "Jens", member: "m-jens", words: SPOKEN }] : [];
  if (seconds) invited.push({ person: "Jens", member: "m-jens", role: "coordinator", expires: world.now() + DAY });
  const offline = () => world.wishes.net === "offline";
  const find = (id: string): Kept => {
    const found = devices.find((d) => d.device === id);
    if (!found) throw { code: "device.unknown", wait_s: null };
    return found;
  };
  const admitting = () => {
    if (!admits()) throw { code: "role.not_allowed", wait_s: null };
  };
  const shown = (d: Kept): RosterDevice => {
    const own = d.person === ME;
    const { held, renewed, reason: _, revoked_at: __, ...rest } = d;
    const may_see_sheet = admits() || own;
    return {
      ...rest, may_see_sheet, role: d.this ? role() : d.role, cases: may_see_sheet ? held.filter((id) => !renewed.has(id)).length : null,
      may_revoke: d.standing === "active" && !d.this && (admits() || role() === "it" || own),
    };
  };
  /** until when somebody reads a case, by both */
  const ends = new Map<string, number>();
  const devicesOf = (member: string): Kept[] => {
    admitting();
    const mine = devices.filter((d) => d.member === member);
    if (mine.length === 0) throw { code: "people.unknown", wait_s: null };
    return mine;
  };
  const comes = (caseId: string, member: string, until: number | null) => {
    for (const d of devicesOf(member)) d.held = [...new Set([...d.held, caseId])];
    if (until !== null) ends.set(`${caseId} ${member}`, until);
    world.tell({ sync: true, cases: [caseId] });
  };
  const goes = (caseId: string, member: string) => {
    const mine = devicesOf(member);
    if (mine.some((d) => d.this)) throw { code: "log.last_coordinator", wait_s: null };
    for (const d of mine) d.held = d.held.filter((id) => id !== caseId);
    world.tell({ sync: true, cases: [caseId] });
  };
  /** one key after another reaches the server */
  async function sendKeys(d: Kept) {
    while (pending.length && !offline()) {
      await new Promise((go) => setTimeout(go, KEY_TAKES));
      const [first, ...rest] = pending;
      pending = rest;
      if (first?.what === "revoke") Object.assign(d, { standing: "revoked", revoked_at: world.now() });
      if (first?.what === "key" && first.case) d.renewed.add(first.case);
      world.tell({ sync: true });
    }
  }
  const decide = (item: string, key: string | null, state: "accepted" | "rejected"): number => {
    admitting();
    const found = items.find((i) => i.id === item);
    const meant = found?.things.filter((t) => (key === null ? t.state === "open" : t.key === key && t.state !== "accepted")) ?? [];
    if (!found || (key !== null && meant.length === 0)) throw { code: "quarantine.unknown", wait_s: null };
    found.things = found.things.map((t) => (meant.includes(t) ? { ...t, state } : t));
    found.open = found.things.filter((t) => t.state === "open").length;
    world.tell({ sync: true, cases: [found.case] });
    return meant.length;
  };

  return {
    people: async () => {
      await world.turn();
      const rank = (d: Kept) => `${d.standing === "revoked" ? 1 : 0}${d.person.toLocaleLowerCase("da")}`;
      return { devices: devices.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)).map(shown), awaited: admits() || countersigns() ? invited.map(({ person, role: as, expires }) => ({ person, role: as, expires, may_let_in: true })) : [], may_admit: admits() };
    },
    pending: async () => {
      await world.turn();
      return pending;
    },
    invite: async (person, as) => {
      await world.turn();
      admitting();
      const known = devices.find((d) => d.member === person);
      const expires = world.now() + DAY;
      const one = { person: known?.person ?? person, member: known?.member ?? world.nextId("m"), role: as, expires };
      if (offline()) pending = [...pending, { what: "invite", case: null, alias: null, person: one.person, refused: null }];
      else invited = [...invited, one];
      // the same new device answers the newer invitation
      if (world.wishes.asks !== "0" && !offline()) asks.splice(0, asks.length, { id: REQUEST, person: one.person, member: one.member, words: SPOKEN });
      world.tell({ sync: true });
      return { invitation: "bb1-hQFYIFq3dVJ0nKxq9kXlYw5c3Jt1bH9uQ2VdT8zM0aLrBvNeWC1odHRwczovL2Jyby5leGFtcGxlUGQ3ZkFqV3J0eVhrTHBIbQ", expires };
    },
    requests: async () => {
      await world.turn();
      if (offline()) throw { code: "net.offline", wait_s: null };
      return [...asks];
    },
    policiesAsked: async () => {
      await world.turn();
      return policies.map((one) => ({ ...one, may_agree: countersigns() }));
    },
    agreeToPolicy: async (id, secret) => {
      await world.turn();
      world.tryOut(secret === world.made.pin ? "pin" : "passphrase", secret);
      if (!countersigns() || !policies.some((one) => one.id === id)) throw { code: "role.not_allowed", wait_s: null };
      policies = policies.filter((one) => one.id !== id);
      world.tell({ sync: true });
    },
    refuseRequest: async (request) => {
      await world.turn();
      asks.splice(0, asks.length, ...asks.filter((one) => one.id !== request));
    },
    approve: async (request, deviceName, secret) => {
      await world.turn();
      if (!countersigns()) throw { code: "role.not_allowed", wait_s: null };
      world.tryOut(secret === world.made.pin ? "pin" : "passphrase", secret);
      const plain = (text: string) => text.replace(/[^a-z0-9]/gi, "").toUpperCase();
      const one = asks.find((a) => plain(a.id) === plain(request));
      if (!one) throw { code: "enrol.no_such_request", wait_s: null };
      const as = invited.find((i) => i.member === one.member)?.role ?? "mentor";
      invited = invited.filter((i) => i.member !== one.member);
      asks.splice(asks.indexOf(one), 1);
      devices.push({ ...made({ device: world.nextId("d"), person: one.person, name: deviceName, role: as, hours: null, cases: 0 }), member: one.member });
      world.tell({ sync: true });
    },
    readers: async (caseId) => {
      await world.turn();
      const held = devices.filter((d) => d.standing === "active" && d.held.includes(caseId));
      return [...new Map(held.map((d) => [d.member, { member: d.member, name: d.person, role: d.this ? role() : d.role, until: ends.get(`${caseId} ${d.member}`) ?? null }])).values()];
    },
    assign: async (caseId, member, until = null) => {
      await world.turn();
      comes(caseId, member, until);
    },
    unassign: async (caseId, member) => {
      await world.turn();
      goes(caseId, member);
    },
    handOver: async (caseId, from, to, overlapDays) => {
      await world.turn();
      if (overlapDays === 0) goes(caseId, from);
      else ends.set(`${caseId} ${from}`, world.now() + overlapDays * DAY);
      comes(caseId, to, null);
    },
    revoke: async (id, reason) => {
      await world.turn();
      const d = find(id);
      if (!shown(d).may_revoke) throw { code: "role.not_allowed", wait_s: null };
      Object.assign(d, { standing: "revoking", reason, unheard: false });
      const key = (of: string | null): Pending => ({ what: "key", case: of, alias: of && (world.cases().find((c) => c.id === of)?.alias ?? null), person: null, refused: null });
      pending = [...pending, { what: "revoke", case: null, alias: null, person: d.person, refused: null }, key(null), ...d.held.map(key)];
      world.tell({ sync: true });
      void sendKeys(d);
    },
    breachSheet: async (id): Promise<BreachSheet> => {
      await world.turn();
      const d = find(id);
      if (!shown(d).may_see_sheet) throw { code: "role.not_allowed", wait_s: null };
      const cases = d.held.flatMap((of, i) => {
        const c = world.cases().find((x) => x.id === of);
        return c ? [{ case: of, alias: c.alias, compartments: ["core"], since: world.now() - (30 + i * 11) * DAY, renewed: d.renewed.has(of), words: 3 + i }] : [];
      });
      return { device: id, device_name: d.name, person: d.person, reason: d.standing === "revoked" ? d.reason : null, revoked_at: d.revoked_at, last_word_at: d.heard_at, directory_renewed: d.standing === "revoked", cases, renewed: cases.filter((c) => c.renewed).length };
    },
    receipt: async (id) => {
      await world.turn();
      return { name: "kvittering-2026-11-24.txt", text: `Kvittering\n${find(id).person}` };
    },
    picture: async (text) => {
      await world.trouble();
      return drawn(text);
    },
    quarantine: async () => {
      await world.turn();
      return admits() ? items.map((item) => ({ ...item })) : [];
    },
    acceptQuarantined: async (item, key) => (await world.turn(), decide(item, key, "accepted")),
    rejectQuarantined: async (item, key) => (await world.turn(), decide(item, key, "rejected")),
  };
}
