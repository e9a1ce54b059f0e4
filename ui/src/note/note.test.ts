import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { NoteView } from "../host/bindings";
import type { Host } from "../host/host";
import { NoteDesk, NoteKeeper } from "./note.svelte";

type Write = { note: string | null; text: string; base: string | null; at: number; answer: (text?: string) => void; refuse: (code: string) => void };

/** a vault that answers when the test says so, or at once */
function vault(atOnce = true) {
  const writes: Write[] = [];
  const stored = new Map<string, string>([["n1", "Han ringede."]]);
  let revision = 0;
  let flying = 0;
  let most = 0;
  const view = (id: string, others: NoteView["others"] = []): NoteView => ({
    id, case: "c1", alias: "Falken", text: stored.get(id) ?? "", base: `r${revision}`, at: 0, changed_at: 0, by: { member: "m", name: "Åse", device: "d" },
    voices: ["Åse"], unfinished: true, dot: "here", others,
  });
  const host = {
    noteOpen: async (_c: string, id: string) => view(id),
    noteWrite: (_c: string, note: string | null, text: string, base: string | null) =>
      new Promise<NoteView>((go, stop) => {
        most = Math.max(most, ++flying);
        const id = note ?? "new";
        const answer = (merged = text) => {
          flying--;
          revision++;
          stored.set(id, merged);
          go(view(id));
        };
        const refuse = (code: string) => {
          flying--;
          stop({ code, wait_s: null });
        };
        writes.push({ note, text, base, at: Date.now(), answer, refuse });
        if (atOnce) answer();
      }),
    noteFinish: async (_c: string, id: string, finished: boolean) => ({ ...view(id), unfinished: !finished }),
  } as unknown as Host;
  return { host, writes, stored, mostFlying: () => most };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function opened(v: ReturnType<typeof vault>) {
  const keeper = new NoteKeeper(v.host, "c1", "n1");
  await keeper.open();
  keeper.catchUp();
  return keeper;
}

describe("a note saves itself", () => {
  it("within 300 ms after typing stops", async () => {
    const v = vault();
    const keeper = await opened(v);
    keeper.typed("Han ringede. Glad.");
    await vi.advanceTimersByTimeAsync(300);
    expect(v.stored.get("n1")).toBe("Han ringede. Glad.");
    expect(keeper.status).toBe("saved");
  });

  it("at most a second apart while typing goes on", async () => {
    const v = vault();
    const keeper = await opened(v);
    const begun = Date.now();
    for (let i = 0; i < 50; i++) {
      keeper.typed(`Han ringede. ${"a".repeat(i + 1)}`);
      await vi.advanceTimersByTimeAsync(100);
    }
    const moments = [begun, ...v.writes.map((w) => w.at)];
    for (let i = 1; i < moments.length; i++) expect((moments[i] ?? 0) - (moments[i - 1] ?? 0)).toBeLessThanOrEqual(1000);
    expect(v.writes.length).toBeGreaterThanOrEqual(5);
  });

  it("one write at a time, and the last word wins", async () => {
    const v = vault(false);
    const keeper = await opened(v);
    keeper.typed("en");
    await vi.advanceTimersByTimeAsync(250);
    keeper.typed("en to");
    await vi.advanceTimersByTimeAsync(2000);
    keeper.typed("en to tre");
    await vi.advanceTimersByTimeAsync(2000);
    expect(v.writes.length).toBe(1);
    v.writes[0]?.answer();
    await vi.advanceTimersByTimeAsync(300);
    expect(v.writes.at(-1)?.text).toBe("en to tre");
    expect(v.mostFlying()).toBe(1);
  });

  it("makes the note at the first write and never twice", async () => {
    const v = vault();
    const keeper = new NoteKeeper(v.host, "c1", null);
    const made = vi.fn();
    keeper.onmade = made;
    keeper.typed("  ");
    await vi.advanceTimersByTimeAsync(1000);
    expect(v.writes.length).toBe(0);
    keeper.typed("  Hej");
    await vi.advanceTimersByTimeAsync(300);
    keeper.typed("  Hej igen");
    await vi.advanceTimersByTimeAsync(300);
    expect(v.writes.map((w) => w.note)).toEqual([null, "new"]);
    expect(made).toHaveBeenCalledExactlyOnceWith("new");
  });

  it("sends back the base of the last answer", async () => {
    const v = vault();
    const keeper = await opened(v);
    keeper.typed("a");
    await vi.advanceTimersByTimeAsync(300);
    keeper.typed("ab");
    await vi.advanceTimersByTimeAsync(300);
    expect(v.writes.map((w) => w.base)).toEqual(["r0", "r1"]);
  });
});

describe("when others write in it too", () => {
  it("their words come in and mine stay, also those typed meanwhile", async () => {
    const v = vault(false);
    const keeper = await opened(v);
    const merged = vi.fn();
    keeper.onmerged = merged;
    keeper.typed("Han ringede. Glad.");
    await vi.advanceTimersByTimeAsync(250);
    keeper.typed("Han ringede. Glad. Og træt.");
    v.writes[0]?.answer("Mikkel: Han ringede. Glad.");
    await vi.advanceTimersByTimeAsync(0);
    expect(keeper.text).toBe("Mikkel: Han ringede. Glad. Og træt.");
    expect(merged).toHaveBeenCalled();
    const place = keeper.catchUp();
    expect(place("Han".length)).toBe("Mikkel: Han".length);
    await vi.advanceTimersByTimeAsync(300);
    expect(v.writes[1]).toMatchObject({ text: "Mikkel: Han ringede. Glad. Og træt.", base: "r1" });
  });

  it("a field that cannot be changed just now still loses nothing", async () => {
    const v = vault(false);
    const keeper = await opened(v);
    keeper.typed("Han ringede. Gl");
    await vi.advanceTimersByTimeAsync(250);
    v.writes[0]?.answer("Først: Han ringede. Gl");
    await vi.advanceTimersByTimeAsync(0);
    // the keyboard is still composing: the field has not been told, and types on
    keeper.typed("Han ringede. Glad");
    expect(keeper.text).toBe("Først: Han ringede. Glad");
  });

  it("shows who wrote what", async () => {
    const v = vault();
    const keeper = await opened(v);
    const open = v.host.noteOpen;
    v.host.noteOpen = async (c, id) => ({ ...(await open(c, id)), text: "🦊 Han ringede. Mandag.", others: [{ start: 15, end: 22, who: "Mikkel", at: 1 }] });
    await keeper.open();
    await keeper.open();
    expect(keeper.voices).toEqual([{ words: "Mandag.", who: "Mikkel", at: 1 }]);
    keeper.hush();
    expect(keeper.voices).toEqual([]);
  });
});

describe("when the vault will not", () => {
  it("keeps the text, says so, and tries again by itself", async () => {
    const v = vault(false);
    const keeper = await opened(v);
    keeper.typed("Ny tekst");
    await vi.advanceTimersByTimeAsync(250);
    v.writes[0]?.refuse("vault.full");
    await vi.advanceTimersByTimeAsync(0);
    expect(keeper.text).toBe("Ny tekst");
    expect(keeper.status).toBe("failed");
    expect(keeper.error?.code).toBe("vault.full");
    await vi.advanceTimersByTimeAsync(1000);
    v.writes[1]?.answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(keeper.status).toBe("saved");
    expect(keeper.error).toBeNull();
  });
});

describe("lock", () => {
  it("writes what is unwritten first, also behind a write under way", async () => {
    const v = vault(false);
    const desk = new NoteDesk(v.host);
    const keeper = desk.keeper("c1", "n1");
    await keeper.open();
    keeper.catchUp();
    keeper.typed("en");
    await vi.advanceTimersByTimeAsync(250);
    keeper.typed("en to");
    keeper.caret = { start: 3, end: 3, scroll: 0 };
    const locked = desk.lock();
    v.writes[0]?.answer();
    await vi.advanceTimersByTimeAsync(0);
    v.writes[1]?.answer();
    expect(await locked).toBe(true);
    expect(v.stored.get("n1")).toBe("en to");
    const again = desk.keeper("c1", "n1");
    expect(again).not.toBe(keeper);
    expect(again.caret.start).toBe(3);
  });

  it("keeps the text when it could not be written, and writes it after unlock", async () => {
    const v = vault(false);
    const desk = new NoteDesk(v.host);
    const keeper = desk.keeper("c1", "n1");
    await keeper.open();
    keeper.catchUp();
    keeper.typed("uskrevet");
    const locked = desk.lock();
    await vi.advanceTimersByTimeAsync(0);
    v.writes[0]?.refuse("vault.locked");
    expect(await locked).toBe(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(v.writes.length).toBe(1);
    const again = desk.keeper("c1", "n1");
    expect(again.text).toBe("uskrevet");
    await again.open();
    await vi.advanceTimersByTimeAsync(300);
    v.writes[1]?.answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(v.stored.get("n1")).toBe("uskrevet");
  });
});
