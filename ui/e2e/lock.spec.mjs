// Lock replaces the page; text and caret come back; the production bundle holds no pretend world and nothing inline.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { here, open, openCase, SIZES, tellEach, wind } from "./world.mjs";

const PHONE = SIZES["360"];
const typePin = async (page) => {
  for (const digit of "123456") await page.locator(".pad3 button", { hasText: digit }).click();
};

async function lockedPage(page) {
  await page.waitForSelector(".pad3");
  const html = await page.evaluate(() => document.documentElement.outerHTML);
  for (const word of ["Falken", "Kastanje", "Mikkel", "Åse", "vindueskarm"]) assert.ok(!html.includes(word), `${word} is still in the page after lock`);
  assert.equal(await page.title(), "Notér");
}

export async function lockKeepsTextAndCaret(chrome, base) {
  const page = await open(chrome, base, PHONE, { phase: "unlocked" });
  await openCase(page);
  await page.locator(".actions .btn").nth(1).click();
  await page.locator("textarea").pressSequentially("Han sad i vindueskarmen.");
  await page.locator("textarea").evaluate((t) => t.setSelectionRange(6, 6));
  await page.locator("[data-lock]").click();
  await lockedPage(page);
  assert.ok((await page.locator(".clock p").innerText()).includes("Din tekst er gemt."));
  await typePin(page);
  await page.waitForFunction(() => document.querySelector("textarea")?.value === "Han sad i vindueskarmen.");
  await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA" && document.activeElement.selectionStart === 6);
  await page.locator("textarea").pressSequentially("d");
  await page.waitForTimeout(500);
  assert.equal(await page.evaluate(() => globalThis.pretend.noteText("n100")), "Han sadd i vindueskarmen.");
  await page.context().close();
}

/** E25, on the screen: what is left is said before the last two, and after the tenth it is a device that nobody has used yet. */
export async function e25TheTenthWrongPinLeavesANewDevice(chrome, base) {
  const page = await open(chrome, base, PHONE, { phase: "locked", tries: "6" });
  await wind(page);
  const wrong = async () => {
    await page.waitForSelector("[data-waiting=false] .pad3");
    for (const digit of "999999") await page.locator(".pad3 button", { hasText: digit }).click();
    await page.clock.runFor(50);
  };
  const line = () => page.locator(".clock p").innerText();
  await wrong();
  assert.equal(await line(), "Det passede ikke. Prøv igen om 4 minutter.");
  assert.ok(await page.locator(".pad3 button", { hasText: "5" }).click().then(() => page.locator(".pins i.on").count()) === 0, "no digit is taken while it waits");
  await page.clock.runFor(241_000);
  assert.equal(await line(), "");
  await wrong();
  assert.equal(await line(), "Det passede ikke. Prøv igen om 8 minutter.\nTo forsøg tilbage. Derefter slettes alt i appen.");
  await page.clock.runFor(450_000);
  assert.match(await line(), /^(Det passede ikke. )?Prøv igen om (29|30) sekunder\.\nTo forsøg tilbage/);
  await page.clock.runFor(32_000);
  await wrong();
  assert.match(await line(), /15 minutter\.\nÉt forsøg tilbage\. Passer det ikke, slettes alt i appen\.$/);
  await page.clock.runFor(901_000);
  await wrong();
  await page.waitForFunction(() => !document.querySelector(".lock"));
  const html = await page.evaluate(() => document.documentElement.outerHTML);
  for (const word of ["Falken", "Kastanje", "forsøg", "slettet"]) assert.ok(!html.includes(word), `“${word}” tells of what was there`);
  assert.ok((await page.locator("h1").first().innerText()).length > 0, "the first run begins");
  await page.context().close();
}

export async function hiddenLocksATouchDevice(chrome, base) {
  const page = await open(chrome, base, PHONE, { phase: "unlocked" });
  await openCase(page);
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await lockedPage(page);
  await page.context().close();
}

export async function idleLocks(chrome, base) {
  const page = await open(chrome, base, SIZES["1024"], { phase: "unlocked" });
  await wind(page);
  await page.waitForSelector(".caserow");
  await page.clock.runFor(50_000);
  await page.mouse.wheel(0, 1);
  await page.waitForTimeout(50);
  await page.clock.runFor(55_000);
  assert.equal(await page.locator(".pad3").count(), 0, "a sign of life begins the minute anew");
  await page.clock.runFor(10_000);
  await lockedPage(page);
  await page.context().close();
}

export async function undoTakesBack(chrome, base) {
  const page = await open(chrome, base, PHONE, { phase: "unlocked" });
  await page.locator('.tile[data-log="Kastanje"]').tap();
  await page.locator("[data-save]").tap();
  assert.ok((await page.locator(".snack").innerText()).includes("Gemt på telefonen"));
  assert.equal(await page.evaluate(() => globalThis.pretend.meetings("c8").length), 2);
  await page.locator(".snack button").nth(1).tap();
  await page.waitForFunction(() => globalThis.pretend.meetings("c8").length === 1);
  await page.context().close();
}

export async function othersWordsComeIn(chrome, base) {
  const page = await open(chrome, base, PHONE, { phase: "unlocked" });
  await openCase(page);
  await page.locator(".draft").click();
  const field = page.locator("textarea");
  await page.waitForFunction(() => document.querySelector("textarea").value.length > 10);
  await field.evaluate((t) => (t.focus(), t.setSelectionRange(3, 3)));
  await page.evaluate(() => globalThis.pretend.othersWrite("n1", "Viceværten ringer."));
  await page.waitForFunction(() => document.querySelector("textarea").value.endsWith("Viceværten ringer."));
  assert.equal(await field.evaluate((t) => t.selectionStart), 3);
  await field.pressSequentially("!");
  await page.waitForTimeout(500);
  const stored = await page.evaluate(() => globalThis.pretend.noteText("n1"));
  assert.ok(stored.startsWith("Han! sagde") && stored.endsWith("Viceværten ringer."), stored);
  assert.ok((await page.locator(".voice").innerText()).includes("Mikkel"));
  await page.context().close();
}

export function productionHoldsNoPretence() {
  const out = mkdtempSync(join(tmpdir(), "dist-"));
  try {
    execFileSync(process.execPath, [join(here, "..", "node_modules", "vite", "bin", "vite.js"), "build", "--outDir", out, "--emptyOutDir", "--logLevel", "error"], { cwd: join(here, "..") });
    const files = readdirSync(out, { recursive: true, encoding: "utf8" }).filter((f) => /\.(html|js|css)$/.test(f));
    const text = files.map((f) => readFileSync(join(out, f), "utf8")).join("\n");
    for (const word of ["Lille Åge", "Kastanje", "Øzgür", "bænk under eg", "pretend"]) assert.ok(!text.includes(word), `the production bundle holds “${word}”`);
    assert.ok(!/\b(localStorage|indexedDB)\b/.test(text), "nothing is kept in the browser");
    const html = readFileSync(join(out, "index.html"), "utf8");
    assert.ok(!/<script(?![^>]*\ssrc=)[^>]*>/.test(html) && !/<style|\sstyle=|\son\w+=|<iframe/.test(html), "nothing inline in index.html");
    const remote = [...text.matchAll(/https?:\/\/[^\s$"'`)\\]+/g)].map((m) => m[0]).filter((u) => !/^https?:\/\/(www\.w3\.org\/|svelte\.dev\/e\/)/.test(u));
    assert.deepEqual(remote, [], "no address of anywhere else");
  } finally {
    rmSync(out, { recursive: true });
  }
}

const STORIES = [lockKeepsTextAndCaret, e25TheTenthWrongPinLeavesANewDevice, hiddenLocksATouchDevice, idleLocks, undoTakesBack, othersWordsComeIn, productionHoldsNoPretence];

export const lockStories = (chrome) => tellEach(chrome, STORIES);
