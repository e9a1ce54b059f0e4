// The pretend host's addresses: one released to a mentor until tonight, one that nobody has written, two that disagree, one asked for.
// ?role=coordinator enters and releases, ?role=dpo agrees and reads the log; ?address=lapsed (nobody released it to this person)
import type { AccessRow, AddressShow, AddressStanding, AddressVersion, Protection, Purpose, Reader, ReleaseAsked, Role } from "./bindings";
import type { Host } from "./host";
import type { World } from "./pretend";
import { ME } from "./pretend-data";

type Part = Pick<Host, "addressStanding" | "openStrongroom" | "closeStrongroom" | "lookAtAddress" | "enterAddress" | "releaseAddress" | "approveRelease" | "takeBackAddress" | "addressLog">;
type Kept = { standing: AddressVersion[]; before: AddressVersion[]; readers: Reader[]; asked: ReleaseAsked[]; log: AccessRow[]; waiting: number };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** how long the strongroom stays open */
const OPEN = MINUTE;
const LONGEST_ALONE = 2 * HOUR;

const person = (name: string, role: Role, until: number | null = null): Reader => ({ member: name, name, role, until });

function written(address: string, by: string, at: number, protection: Protection = "name_and_address"): AddressVersion {
  return { address, protection, from: null, renew_by: null, by, at, sent: true };
}

function looked(by: string, at: number, purpose: Purpose): AccessRow {
  return { at, by, purpose, to: null, until: null, alone: false, granted: false, sent: true };
}

function falkens(now: number, tonight: number): Kept {
  return {
    standing: [{ ...written("Prøvevej 4, 2. th., 9999 Prøveby", "Hanne", now - 9 * DAY), from: "2026-11-15", renew_by: "2027-11-15" }],
    before: [written("Øvelsesgade 11, 9998 Øveby", "Hanne", now - 200 * DAY, "ordinary"), written("Prøvevej 4, 9999 Prøveby", "Hanne", now - 10 * DAY)],
    readers: [person("Hanne", "coordinator"), person(ME, "mentor", tonight)], asked: [], waiting: 0,
    log: [
      looked(ME, now - 3 * HOUR, "visit"),
      { ...looked("Hanne", now - 4 * HOUR, "visit"), to: ME, until: tonight, granted: true },
      looked("Hanne", now - 26 * HOUR, "check"),
      { ...looked("Hanne", now - 6 * DAY, "danger"), to: "Mikkel", until: now - 6 * DAY + 2 * HOUR, alone: true, granted: true },
    ],
  };
}

function seed(now: number): Map<string, Kept> {
  const tonight = new Date(now).setHours(22, 0, 0, 0);
  const hanne = person("Hanne", "coordinator");
  const asked = (name: string, by: string): ReleaseAsked => ({ member: name, name, until: now + 3 * DAY, by, mine: by === ME || name === ME, agreed: false, expires: now + 6 * DAY });
  const one = (address: string, more: Partial<Kept> = {}): Kept => ({ standing: [written(address, "Hanne", now - 30 * DAY)], before: [], readers: [hanne], asked: [], log: [], waiting: 0, ...more });
  return new Map([
    ["c1", falkens(now, tonight)],
    ["c3", one("Prøvevej 12, 9999 Prøveby", {
      standing: [{ ...written("Prøvevej 12, 9999 Prøveby", "Hanne", now - 2 * DAY), renew_by: "2027-06-01" }, written("Prøvevej 21, 9999 Prøveby", "Bo", now - 26 * HOUR, "special")],
      readers: [hanne, person("Bo", "coordinator"), person(ME, "mentor", now + 2 * DAY)], log: [looked("Bo", now - 26 * HOUR, "move")],
    })],
    ["c5", one("Øvelsesgade 3, 9998 Øveby")],
    ["c6", one("Øvelsesgade 7, st. tv., 9998 Øveby", { asked: [asked("Mikkel", "Hanne")], log: [{ ...looked("Hanne", now - 2 * HOUR, "move"), to: "Mikkel", until: now + 3 * DAY, sent: false }], waiting: 1 })],
  ]);
}

export function pretendAddress(world: World): Part {
  const kept = seed(world.now());
  let openUntil = 0;
  const role = (): Role => world.state().me?.role ?? "mentor";
  const admits = () => role() === "coordinator";
  const refuse = (code: string): never => {
    throw { code, wait_s: null };
  };
  /** a coordinator reads what the others write; a mentor only until the time is over */
  const readersOf = (book: Kept): Reader[] => {
    const others = book.readers.filter((r) => r.name !== ME);
    const mine = admits() ? [person(ME, "coordinator")] : book.readers.filter((r) => r.name === ME && world.wishes.address !== "lapsed" && role() === "mentor");
    return [...others, ...mine].filter((r) => r.until === null || r.until > world.now());
  };
  const mayEnter = (book: Kept | undefined) => admits() && (book === undefined || readersOf(book).some((r) => r.name === ME));
  const inside = () => {
    if (world.phase() !== "unlocked" || openUntil <= world.now()) refuse("address.locked");
    openUntil = world.now() + OPEN;
  };
  const bookOf = (id: string): Kept => kept.get(id) ?? refuse("address.none");
  const changed = (id: string) => world.tell({ cases: [id], sync: true });
  const isDisputed = (book: Kept) => new Set(book.standing.map((v) => v.address)).size > 1;
  const shown = (book: Kept): AddressShow => ({
    address: isDisputed(book) ? null : (book.standing[0]?.address ?? null), protection: book.standing.some((v) => v.protection === "special") ? "special" : (book.standing[0]?.protection ?? null),
    renew_by: book.standing.map((v) => v.renew_by).find((day) => day !== null) ?? null, disputed: isDisputed(book),
    standing: admits() ? book.standing : [], before: admits() ? book.before : [], until: readersOf(book).find((r) => r.name === ME)?.until ?? null, viewer: ME, at: world.now(), codes: [],
  });
  const note = (book: Kept, row: Omit<AccessRow, "at" | "by" | "sent">) => {
    book.log = [{ ...row, at: world.now(), by: ME, sent: false }, ...book.log];
  };

  return {
    addressStanding: async (id): Promise<AddressStanding> => {
      await world.turn();
      const c = world.find(id);
      const book = kept.get(id);
      const readers = book ? readersOf(book) : [];
      const mine = readers.find((r) => r.name === ME);
      return {
        case: id, alias: c.alias, is_kept: book !== undefined, may_see: mine !== undefined, may_enter: mayEnter(book), until: mine?.until ?? null, readers,
        asked: (book?.asked ?? []).map((a) => ({ ...a })), may_read_log: book !== undefined && (admits() || role() === "dpo"), waiting: book?.waiting ?? 0,
      };
    },
    openStrongroom: async (kind, secret) => {
      await world.turn();
      try {
        world.tryOut(kind, secret);
      } finally {
        if (world.phase() !== "unlocked") world.tell({ locked: true });
      }
      openUntil = world.now() + OPEN;
    },
    closeStrongroom: async () => {
      openUntil = 0;
    },
    lookAtAddress: async (id, purpose) => {
      await world.turn();
      inside();
      const book = bookOf(id);
      if (!mayEnter(book) && !readersOf(book).some((r) => r.name === ME)) refuse("address.not_released");
      if (!mayEnter(book) && isDisputed(book)) refuse("address.disputed");
      note(book, { purpose, to: null, until: null, alone: false, granted: false });
      world.tell({ sync: true });
      return structuredClone(shown(book));
    },
    enterAddress: async (id, address, protection, from, renewBy) => {
      await world.turn();
      inside();
      const book = kept.get(id) ?? { standing: [], before: [], readers: [person("Hanne", "coordinator")], asked: [], log: [], waiting: 0 };
      if (!mayEnter(kept.get(id))) refuse("role.not_allowed");
      const line = address.replace(/\s+/g, " ").trim();
      if (line === "") refuse("address.missing");
      if (line.length > 200) refuse("case.text_too_long");
      book.before = [...book.before, ...book.standing];
      book.standing = [{ address: line, protection, from, renew_by: renewBy, by: ME, at: world.now(), sent: false }];
      book.waiting += 1;
      kept.set(id, book);
      changed(id);
    },
    releaseAddress: async (id, member, until, purpose, alone) => {
      await world.turn();
      inside();
      const book = bookOf(id);
      if (!mayEnter(book) || until <= world.now() || (alone && until > world.now() + LONGEST_ALONE - MINUTE)) refuse("role.not_allowed");
      const to = world.find(id).team.find((w) => w.member === member) ?? refuse("people.unknown");
      if (isDisputed(book)) refuse("address.disputed");
      note(book, { purpose, to: to.name, until, alone, granted: alone });
      if (alone) book.readers = [...book.readers.filter((r) => r.member !== member), person(to.name, "mentor", until)];
      else book.asked = [...book.asked.filter((a) => a.member !== member), { member, name: to.name, until, by: ME, mine: true, agreed: false, expires: world.now() + 7 * DAY }];
      changed(id);
      return alone ? "decided" : "asked";
    },
    approveRelease: async (id, member, until) => {
      await world.turn();
      const asked = bookOf(id).asked.find((a) => a.member === member && a.until === until && !a.mine && !a.agreed);
      if (!asked || !["coordinator", "programme_lead", "dpo"].includes(role())) return refuse("role.not_allowed");
      asked.agreed = true;
      changed(id);
    },
    takeBackAddress: async (id, member) => {
      await world.turn();
      const book = bookOf(id);
      if (!admits()) refuse("role.not_allowed");
      if (!book.readers.some((r) => r.member !== member && r.role === "coordinator")) refuse("log.last_coordinator");
      book.readers = book.readers.filter((r) => r.member !== member);
      changed(id);
    },
    addressLog: async (id) => {
      await world.turn();
      if (!admits() && role() !== "dpo") refuse("role.not_allowed");
      return [...(kept.get(id)?.log ?? [])];
    },
  };
}
