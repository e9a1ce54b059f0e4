// The pretend host's device: settings, storage, about, report, first run. In memory, and only as strict as a screen can notice.
import type { About, Settings } from "./bindings";
import type { Host } from "./host";
import type { World } from "./pretend";

type Part = Pick<Host, "hasDuress" | "chooseDuress" | "forgetDuress" | "settings" | "saveSettings" | "storage" | "about" | "report" | "saveReport" | "proposeSecret" | "createOrganisation" | "joinOrganisation">;

export const REQUEST = "7K2M-5QXD-4TRA-HHBE-6ZC3-MJ4W-PLQ2-6XNE-K7TU-3GYR-DV5A-OB2S-4C7F";
const FINGERPRINT = "X4QK-72MP-BTRA-5HBE-6ZC3-MJ4W-PLQ2-6XNE-K7TU-3GYR-DV5A-OB2S-4C7F";
const DEVICE = "M3VU-Q2KD-4TWA-HJBE-6ZB3-MR4W-PLX2-6TNE-K5TU-3GZR-DV7A-OC2S-4A7F";
const LICENCES: About["licences"] = [
  { name: "automerge", version: "0.7.1", licence: "MIT" },
  { name: "Literata", version: "5.3.0", licence: "OFL-1.1" },
  { name: "Lucide", version: "1.62.0", licence: "ISC" },
  { name: "rustls", version: "0.23.31", licence: "Apache-2.0 OR ISC OR MIT" },
  { name: "Schibsted Grotesk", version: "5.3.0", licence: "OFL-1.1" },
  { name: "SQLCipher", version: "4.10.0", licence: "BSD-3-Clause" },
  { name: "Svelte", version: "5.57.3", licence: "MIT" },
  { name: "tauri", version: "2.8.5", licence: "Apache-2.0 OR MIT" },
];
const WORDS = [
  "bænk", "kastanje", "gryde", "sejl", "lomme", "vindue", "torsk", "hylde", "måne", "pil", "kælk", "brød", "violin", "havre", "dør", "ugle",
  "kridt", "sommer", "tråd", "fløjte", "ler", "æble", "gynge", "skovl", "fyrtårn", "kuvert", "glas", "ø", "tromme", "gran", "pude", "vante",
];

const no = (code: string) => ({ code, wait_s: null });

/** the shape of what the vault refuses */
function checkSecret(secret: string) {
  const letters = [...secret];
  if (letters.length < 20 || new Set(letters).size < 8) throw no("vault.weak_secret");
}

export function pretendDevice(world: World): Part {
  let settings: Settings = { lock_after_s: 60, text: 100, hand: "right", contrast: "normal", theme: "system", single_keys: true, ...wished(world) };
  let organisation = "Ådal";
  let server = "https://bro.example";
  let asked = 0;
  let joined = 0;
  let duress = false;
  let made = world.phase() !== "fresh";

  const stock = () => {
    const cases = world.cases();
    const sum = (of: (c: (typeof cases)[number]) => number) => cases.reduce((all, c) => all + of(c), 0);
    return { cases: cases.length, notes: sum((c) => c.notes.length), meetings: sum((c) => c.timeline.filter((e) => e.type === "meeting").length), tasks: sum((c) => c.tasks.length) };
  };
  /** a vault is made once; until its device belongs somewhere, the same secret goes on with it */
  const begin = (secret: string) => {
    if (world.phase() === "unlocked") throw no("org.exists");
    if (made && secret !== world.made.passphrase) throw no("vault.wrong_secret");
    checkSecret(secret);
    made = true;
    Object.assign(world.made, { pin: null, passphrase: secret });
    world.cases().splice(0);
  };

  return {
    settings: async () => settings,
    saveSettings: async (next) => {
      await world.trouble();
      return (settings = next);
    },
    hasDuress: async () => {
      await world.turn();
      return duress;
    },
    chooseDuress: async (secret, second) => {
      await world.turn();
      world.tryOut(secret === world.made.pin ? "pin" : "passphrase", secret);
      if (secret === second) throw no("duress.same");
      checkSecret(second);
      duress = true;
    },
    forgetDuress: async (secret) => {
      await world.turn();
      world.tryOut(secret === world.made.pin ? "pin" : "passphrase", secret);
      duress = false;
    },
    storage: async () => {
      await world.turn();
      const held = stock();
      return { used: 1_400_000 + 90_000 * (held.notes + held.meetings + held.tasks), free: 12_300_000_000, ...held };
    },
    about: async () => {
      await world.turn();
      return {
        version: "0.1.0", organisation, fingerprint: FINGERPRINT, person: world.made.person, role: world.made.role, device: "telefon", device_fingerprint: DEVICE, server, licences: LICENCES,
      };
    },
    report: async () => {
      await world.turn();
      const { cases, notes, meetings, tasks } = stock();
      const text = [
        "Fejlrapport", "Her står ingen ord fra noter, ingen navne og ingen adresser. Appen sender den aldrig selv.", "",
        "App: 0.1.0", "Skema: 2", "SQLite: 3.50.4", "System: linux", "", `Forløb: ${cases}`, `Noter: ${notes}`, `Møder: ${meetings}`, `Opgaver: ${tasks}`, "Venter på at blive sendt: 3", "",
        "Koder (hvor tit, sidste dag)", "net.offline 4 2026-11-24", "vault.full 1 2026-11-21", "", "Tider i millisekunder (hvor tit, i snit, længst)", "unlock 12 610 940",
      ].join("\n");
      return { name: "rapport-2026-11-24.txt", text };
    },
    saveReport: async (report) => {
      await world.turn();
      return `~/Hentet/${report.name}`;
    },
    proposeSecret: async () => {
      await world.trouble();
      asked += 1;
      return Array.from({ length: 6 }, (_, i) => WORDS[(asked * 7 + i * 11) % WORDS.length]).join(" ");
    },
    createOrganisation: async (at, name, person, secret) => {
      await world.trouble();
      if (!at.startsWith("https://") && !/^http:\/\/(127\.0\.0\.1|localhost)\b/.test(at)) throw no("net.insecure");
      begin(secret);
      if (at.includes("closed")) throw no("org.closed");
      [server, organisation] = [at, name];
      Object.assign(world.made, { person, role: "coordinator" });
      world.setPhase("unlocked");
      return world.state();
    },
    joinOrganisation: async (invitation, secret) => {
      await world.trouble();
      if (!/^bb1-[\w-]{12,}$/.test(invitation)) throw no("enrol.bad_invitation");
      begin(secret);
      joined += 1;
      world.made.request = REQUEST.slice(5 * (joined - 1)).padEnd(REQUEST.length, `-${REQUEST}`);
      world.setPhase("waiting");
      return world.state();
    },
  };
}

/** ?settings=hand:left,text:200 */
function wished(world: World): Partial<Settings> {
  const pairs = (world.wishes.settings ?? "").split(",").filter(Boolean).map((pair) => pair.split(":"));
  return Object.fromEntries(pairs.map(([key, value]) => [key, value === "false" ? false : Number.isNaN(Number(value)) ? value : Number(value)]));
}
