import { afterEach, expect, it, vi } from "vitest";
import { hostOver } from "./commands";
import { asError } from "./error";
import { pretendWorld } from "./pretend";
import { previewHost } from "./preview";
import { parseBlock } from "./sse";

afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

it("calls commands by Rust's names", async () => {
  const call = vi.fn(async () => undefined as never);
  const host = hostOver(call, () => () => undefined);
  await host.noteWrite("c1", null, "tekst", "r0");
  await host.setTaskDone("c1", "t1", true);
  expect(call.mock.calls).toEqual([
    ["note_write", { case: "c1", note: null, text: "tekst", base: "r0" }],
    ["set_task_done", { case: "c1", task: "t1", done: true }],
  ]);
});

it("gives every thrown thing a code", () => {
  expect(asError({ code: "vault.full" })).toEqual({ code: "vault.full", wait_s: null });
  expect(asError(new Error("secret words"))).toEqual({ code: "app.unknown", wait_s: null });
});

it("trades the one-time token for a bearer and leaves no trace in the address", async () => {
  history.replaceState(null, "", "/#t=once");
  const asked: [string, RequestInit][] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push([path, init]);
    if (path === "/session") return new Response(JSON.stringify({ bearer: "b1" }));
    if (path === "/ipc/lock") return new Response(null, { status: 204 });
    return new Response(JSON.stringify({ code: "vault.locked", wait_s: null }), { status: 409 });
  });
  const host = previewHost();
  await host.lock();
  expect(location.hash).toBe("");
  expect(sessionStorage.getItem("bearer")).toBe("b1");
  expect(asked[0]?.[1].body).toBe('{"token":"once"}');
  expect((asked[1]?.[1].headers as Record<string, string>).Authorization).toBe("Bearer b1");
  await expect(host.today()).rejects.toEqual({ code: "vault.locked", wait_s: null });
});

it("says so when the preview is gone", async () => {
  sessionStorage.setItem("bearer", "b1");
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("network");
  });
  await expect(previewHost().today()).rejects.toEqual({ code: "env.host_gone", wait_s: null });
});

it("reads one server-sent event", () => {
  expect(parseBlock("event: changed\ndata: {\ndata: }")).toEqual({ event: "changed", data: "{\n}" });
  expect(parseBlock(": still here")).toBeNull();
});

it("the pretend world takes back a contact", async () => {
  const world = pretendWorld({ phase: "unlocked" });
  const before = world.meetings("c8").length;
  const done = await world.logMeeting("c8", "phone", null, null, null);
  expect((await world.cases()).find((c) => c.id === "c8")?.days_since).toBe(0);
  await world.undo(done.undo);
  expect(world.meetings("c8").length).toBe(before);
  expect((await world.cases()).find((c) => c.id === "c8")?.days_since).toBe(16);
});
