import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SearchView } from "../host/bindings";
import { finds } from "./keys";
import { PAUSE, Search } from "./search.svelte";

const found = (...kinds: ("note" | "task")[]): SearchView => ({
  also: [], more: false, groups: [{ case: "c1", alias: "Falken", hits: kinds.map((kind, i) => ({ kind, id: `${kind}${i}`, at: null, by: null, parts: [] })) }],
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("search", () => {
  it("asks once after a pause in the typing", async () => {
    const host = { search: vi.fn(async () => found("note")) };
    const search = new Search(host);
    for (const text of ["n", "nø", "nøg"]) {
      search.typed(text);
      await vi.advanceTimersByTimeAsync(PAUSE - 20);
    }
    expect(host.search).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(host.search.mock.calls).toEqual([["nøg"]]);
    expect(search.total).toBe(1);
  });

  it("shows the answer to the last question, however late an earlier one comes", async () => {
    const answers: ((view: SearchView) => void)[] = [];
    const search = new Search({ search: () => new Promise((go) => answers.push(go)) });
    search.typed("a");
    await vi.advanceTimersByTimeAsync(PAUSE);
    search.typed("ab");
    await vi.advanceTimersByTimeAsync(PAUSE);
    answers[1]?.(found("note", "note"));
    await vi.advanceTimersByTimeAsync(0);
    answers[0]?.(found());
    await vi.advanceTimersByTimeAsync(0);
    expect(search.total).toBe(2);
  });

  it("forgets everything when one leaves, also an answer under way", async () => {
    let answer: (view: SearchView) => void = () => undefined;
    const search = new Search({ search: () => new Promise((go) => (answer = go)) });
    search.typed("nøgle");
    await vi.advanceTimersByTimeAsync(PAUSE);
    search.leave();
    answer(found("note"));
    await vi.advanceTimersByTimeAsync(0);
    expect([search.text, search.view, search.error]).toEqual(["", null, null]);
  });

  it("an emptied field asks nothing", async () => {
    const host = { search: vi.fn(async () => found("note")) };
    const search = new Search(host);
    search.typed("x");
    search.typed("  ");
    await vi.advanceTimersByTimeAsync(PAUSE * 2);
    expect(host.search).not.toHaveBeenCalled();
    expect(search.nothing).toBe(false);
  });

  it("shows one kind at a time when asked, and drops a choice that finds nothing any more", async () => {
    const views = [found("note", "task"), found("note")];
    const search = new Search({ search: async () => views.shift() ?? found() });
    search.typed("a");
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(search.counts).toEqual([{ kind: "note", count: 1 }, { kind: "task", count: 1 }]);
    search.only = "task";
    expect(search.groups[0]?.hits.map((h) => h.kind)).toEqual(["task"]);
    search.typed("ab");
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(search.only).toBeNull();
  });

  it("says when it could not look, and looks again", async () => {
    const host = { search: vi.fn(async () => found("note")).mockRejectedValueOnce({ code: "vault.damaged", wait_s: null }) };
    const search = new Search(host);
    search.typed("a");
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect([search.error?.code, search.nothing]).toEqual(["vault.damaged", false]);
    await search.ask();
    expect([search.error, search.total]).toEqual([null, 1]);
  });
});

it("Ctrl or Cmd with K leads to search, and nothing near it does", () => {
  const key = (key: string, more: object = {}) => finds({ key, ctrlKey: false, metaKey: false, altKey: false, defaultPrevented: false, ...more });
  expect([key("k", { ctrlKey: true }), key("K", { metaKey: true })]).toEqual([true, true]);
  expect([key("k"), key("/"), key("/", { ctrlKey: true }), key("k", { ctrlKey: true, altKey: true }), key("k", { ctrlKey: true, defaultPrevented: true })]).toEqual([false, false, false, false, false]);
});
