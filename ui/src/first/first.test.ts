import { expect, it, vi } from "vitest";
import type { AppState, ErrorView } from "../host/bindings";
import { pretendWorld } from "../host/pretend";
import { address, First, isWeak } from "./first.svelte";
import { Waiting } from "./waiting.svelte";

const INVITATION = "bb1-hQFYIFq3dVJ0nKxq9kXlYw5c3Jt1bH9uQ2VdT8zM0aLrBvNe";

function begun() {
  const host = pretendWorld({ phase: "fresh" });
  const done = vi.fn((_: AppState, __: ErrorView | null) => undefined);
  return { host, done, first: new First(host, done) };
}

async function toRepeat(first: First) {
  await vi.waitFor(() => expect(first.proposed).not.toBeNull());
  const words = first.proposed ?? "";
  first.written(words);
  expect(first.step).toBe("repeat");
  return words;
}

it("joins: invitation, six words, the same words again, then it waits with a request", async () => {
  const { host, done, first } = begun();
  first.choose("join");
  first.invited(` bb1-hQFYIFq3dVJ0nKxq9kXl\nYw5c3Jt1bH9uQ2VdT8zM0aLrBvNe \n`);
  expect([first.step, first.invitation]).toEqual(["secret", INVITATION]);
  const words = await toRepeat(first);
  expect(words.split(" ").length).toBe(6);
  await first.repeated(`${words}x`);
  expect([first.step, first.differs, done.mock.calls.length]).toEqual(["repeat", true, 0]);
  await first.repeated(words);
  expect(done.mock.calls[0]?.[0]).toMatchObject({ phase: "waiting", request: expect.stringMatching(/^(\w{4}-){12}\w{4}$/) });
  expect([first.proposed, first.invitation]).toEqual([null, ""]);
  await host.lock();
  await expect(host.unlock("passphrase", words)).resolves.toMatchObject({ phase: "waiting" });
});

it("creates: a place, a secret of one's own, and this person is the coordinator", async () => {
  const { host, done, first } = begun();
  first.choose("create");
  first.placed({ server: " bro.example ", organisation: "Ådal exitenhed", person: "Hanne Østergård " });
  expect(first.place.server).toBe("https://bro.example");
  first.makeUp();
  first.written("hund");
  expect([first.step, first.error?.code]).toEqual(["secret", "vault.weak_secret"]);
  first.written("kastanje under lygte 7");
  await first.repeated("kastanje under lygte 7");
  expect(done.mock.calls[0]?.[0]).toMatchObject({ phase: "unlocked", me: { name: "Hanne Østergård", role: "coordinator" } });
  expect(await host.about()).toMatchObject({ organisation: "Ådal exitenhed", server: "https://bro.example" });
  expect(await host.cases()).toEqual([]);
});

it("what is wrong is told where it is mended, and nothing that was typed is lost", async () => {
  const { host, first } = begun();
  first.choose("join");
  first.invited("hej, her er den");
  expect([first.step, first.error?.code]).toEqual(["invitation", "enrol.bad_invitation"]);
  first.invited(INVITATION);
  const words = await toRepeat(first);
  host.failWith("enrol.no_invitation");
  await first.repeated(words);
  expect([first.step, first.error?.code, first.invitation]).toEqual(["invitation", "enrol.no_invitation", INVITATION]);
  first.back();
  first.choose("create");
  for (const bad of ["http://bro.example", "http://127.0.0.1:1@bro.example", "ftp://bro.example"]) {
    first.placed({ server: bad, organisation: "Ådal", person: "Hanne" });
    expect([bad, first.step, first.error?.code]).toEqual([bad, "place", "net.insecure"]);
  }
  first.placed({ server: "http://127.0.0.1:8787", organisation: "Ådal", person: "Hanne" });
  expect(first.step).toBe("secret");
});

it("a server that is not reached loses nothing: the same secret is tried again", async () => {
  const { host, done, first } = begun();
  first.choose("join");
  first.invited(INVITATION);
  const words = await toRepeat(first);
  host.failWith("net.offline");
  await first.repeated(words);
  expect([first.step, first.error?.code]).toEqual(["making", "net.offline"]);
  host.failWith(null);
  await first.make();
  expect(done).toHaveBeenCalledOnce();
});

it("a vault that was made before the network failed is not made again", async () => {
  const { host, done, first } = begun();
  first.choose("join");
  first.invited(INVITATION);
  const words = await toRepeat(first);
  const join = host.joinOrganisation;
  host.joinOrganisation = async (...all) => (await join(...all), Promise.reject({ code: "net.offline", wait_s: null }));
  await first.repeated(words);
  expect(done.mock.calls).toMatchObject([[{ phase: "waiting" }, { code: "net.offline" }]]);
});

it("a server that takes nobody is mended by another address, with the words that are on paper already", async () => {
  const { done, first } = begun();
  first.choose("create");
  first.placed({ server: "closed.example", organisation: "Ådal", person: "Hanne" });
  const words = await toRepeat(first);
  await first.repeated(words);
  expect([first.step, first.error?.code]).toEqual(["place", "org.closed"]);
  first.placed({ server: "bro.example", organisation: "Ådal", person: "Hanne" });
  await vi.waitFor(() => expect(done).toHaveBeenCalledOnce());
  expect(done.mock.calls[0]?.[0]).toMatchObject({ phase: "unlocked" });
});

it("a vault from an earlier try is opened with its own secret, not with a new one", async () => {
  const { done, first } = begun();
  first.choose("create");
  first.placed({ server: "closed.example", organisation: "Ådal", person: "Hanne" });
  const words = await toRepeat(first);
  await first.repeated(words);
  first.back();
  first.choose("create");
  first.placed({ server: "bro.example", organisation: "Ådal", person: "Hanne" });
  first.makeUp();
  first.written("kastanje under lygte 7");
  await first.repeated("kastanje under lygte 7");
  expect([first.step, first.error?.code]).toEqual(["known", "vault.wrong_secret"]);
  await first.known("noget helt andet");
  expect([first.step, first.error?.code]).toEqual(["known", "vault.wrong_secret"]);
  await first.known(words);
  expect(done.mock.calls[0]?.[0]).toMatchObject({ phase: "unlocked" });
});

it("goes back a step at a time; leaving the secret forgets it", async () => {
  const { first } = begun();
  first.choose("join");
  first.invited(INVITATION);
  const words = await toRepeat(first);
  first.back();
  expect([first.step, first.proposed]).toEqual(["secret", words]);
  first.back();
  expect([first.step, first.proposed]).toEqual(["invitation", null]);
  first.back();
  expect(first.step).toBe("choose");
});

it("other words are others, and a device that cannot propose lets one make up one's own", async () => {
  const { host, first } = begun();
  await first.propose();
  const before = first.proposed;
  await first.propose();
  expect(first.proposed).not.toBe(before);
  host.failWith("app.unknown");
  await first.propose();
  expect([first.own, first.error?.code]).toEqual([true, "app.unknown"]);
});

it("knows what is too easy to guess, by the vault's rule", () => {
  expect(["", "123456", "12345678901234567890123", "aaaaaaaaaaaaaaaaaaaaaaaa", "nitten tegn er lidt1"].map(isWeak)).toEqual([true, true, true, true, false]);
  expect(["nitten tegn er lidt", "abcdefgabcdefgabcdefg", "abcdefghabcdefghabcd"].map(isWeak)).toEqual([true, true, false]);
  expect(["", "bro.example", "http://bro.example"].map(address)).toEqual(["", "https://bro.example", "http://bro.example"]);
});

it("asking now says that there is no answer, or what stood in the way, and looks each time", async () => {
  const host = pretendWorld({ phase: "waiting" });
  const look = vi.fn(async () => undefined);
  const waiting = new Waiting(host, look, () => undefined);
  host.failWith("net.offline");
  await waiting.ask();
  expect([waiting.asked, waiting.error?.code]).toEqual([false, "net.offline"]);
  host.failWith(null);
  await waiting.ask();
  expect([waiting.asked, waiting.error, look.mock.calls.length]).toEqual([true, null, 2]);
});

it("a new invitation is answered with the same secret, and there is another request to compare", async () => {
  const host = pretendWorld({ phase: "waiting" });
  const first = (await host.appState()).request;
  const take = vi.fn((_: AppState) => undefined);
  const waiting = new Waiting(host, async () => undefined, take, { code: "enrol.no_invitation", wait_s: null });
  expect(waiting.error?.code).toBe("enrol.no_invitation");
  waiting.begin(true);
  expect(waiting.error).toBeNull();
  await waiting.answer(INVITATION, "forkert");
  expect([waiting.anew, waiting.error?.code]).toEqual([true, "vault.wrong_secret"]);
  await waiting.answer("hej", "bænk under eg ved åen");
  expect([waiting.anew, waiting.error?.code]).toEqual([true, "enrol.bad_invitation"]);
  await waiting.answer(`${INVITATION.slice(0, 20)}\n${INVITATION.slice(20)}`, "bænk under eg ved åen");
  expect([waiting.anew, waiting.error]).toEqual([false, null]);
  await host.joinOrganisation(INVITATION, "bænk under eg ved åen");
  expect((await host.appState()).request).not.toBe(first);
  expect(take.mock.calls[0]?.[0]).toMatchObject({ phase: "waiting" });
});
