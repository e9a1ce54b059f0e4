// A whole story in two browsers over two real devices and a real server: an organisation is founded, a mentor is let in after seven words,
// gets a case, and loses her phone. `node e2e/people-real.mjs` after a build of the workspace and of the page; looks at each step with --shots DIR.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { next, repeat, toPlace, toRepeat } from "./house-screens.mjs";
import { browser, here, place, SIZES } from "./world.mjs";

const { values: wish } = parseArgs({ options: { shots: { type: "string" } } });
const BUILT = process.env.BROBYGGER_BUILT ?? join(here, "..", "..", "target", "debug");
const PATIENCE = 60_000;
const dir = mkdtempSync(join(tmpdir(), "people-real-"));
const running = [];

function start(program, args) {
  const child = spawn(join(BUILT, program), args, { stdio: "ignore" });
  running.push(child);
  return child;
}

/** ends when the process has ended */
const end = (child) => new Promise((go) => (child.exitCode !== null || child.signalCode !== null ? go() : (child.once("exit", go), child.kill("SIGTERM"))));

async function written(file) {
  for (let i = 0; i < PATIENCE / 50; i++) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (text.endsWith("\n")) return text.trim();
    await new Promise((go) => setTimeout(go, 50));
  }
  throw new Error(`${file} was not written`);
}

async function serve(address = "127.0.0.1:0") {
  const file = join(dir, "port");
  rmSync(file, { force: true });
  const child = start("brobygger-server", ["serve", "--db", `sqlite:${join(dir, "log.db")}`, "--listen", address, "--port-file", file]);
  return { child, address: await written(file) };
}

/** a device of its own behind a page */
async function device(chrome, name, size) {
  const [data, file] = [join(dir, name), join(dir, `${name}-address`)];
  mkdirSync(data, { mode: 0o700 });
  start(join("examples", "preview"), ["--data", data, "--token-file", file]);
  const page = await (await place(chrome, size)).newPage();
  page.setDefaultTimeout(PATIENCE);
  page.complaints = [];
  page.on("console", (m) => m.type() === "error" && !/status of 400|ERR_|Failed to load/.test(m.text()) && page.complaints.push(m.text()));
  page.on("pageerror", (e) => page.complaints.push(String(e)));
  await page.goto(await written(file));
  await page.waitForSelector(".app");
  return { page, data };
}

let shot = 0;
async function look(page, name) {
  if (!wish.shots) return;
  mkdirSync(wish.shots, { recursive: true });
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(wish.shots, `${String(++shot).padStart(2, "0")}-${name}.png`) });
}

async function found(page, server) {
  await toPlace(page, server);
  await next(page);
  await page.waitForSelector("[data-secret]");
  const secret = await toRepeat(page);
  await repeat(page, secret);
  await page.waitForSelector('[data-place="people"]');
  return secret;
}

async function newCase(page, alias) {
  await page.locator('[data-place="cases"]').click();
  await page.locator("[data-new]").click();
  await page.locator("#alias").fill(alias);
  await page.locator("[data-make]").click();
  await page.waitForSelector(".bridge");
}

/** gives the secret of the one who was let in */
async function letIn(hanne, hers, aase) {
  await hanne.locator('[data-place="people"]').click();
  await hanne.locator("[data-enrol]").click();
  await hanne.locator("#enrol-name").fill("Åse Thorup");
  await hanne.locator("[data-make]").click();
  const invitation = await hanne.locator("[data-invitation]").innerText();
  assert.equal(await hanne.locator(".panel .qr path").count(), 1);
  await look(hanne, "invitation");
  await aase.locator('[data-way="join"]').click();
  await aase.locator("textarea").fill(invitation);
  await next(aase);
  await aase.waitForSelector("[data-secret]");
  const secret = await toRepeat(aase);
  await repeat(aase, secret);
  await aase.waitForSelector(".words b");
  await look(aase, "venter");
  await hanne.locator("[data-next]").click();
  await hanne.waitForSelector("[data-yes]");
  const words = (page) => page.locator(".words b").allInnerTexts();
  assert.deepEqual(await words(hanne), await words(aase));
  assert.equal(new Set(await words(aase)).size > 1 && (await words(aase)).length, 7);
  await look(hanne, "sammenlign");
  await hanne.locator("[data-yes]").click();
  await hanne.locator("#secret-again").fill(hers);
  await look(hanne, "koden-igen");
  await hanne.locator("[data-secret] .btn.primary").click();
  await hanne.waitForSelector("[data-assign]");
  await hanne.locator(".panel [role=checkbox]").first().click();
  await look(hanne, "forloeb");
  await hanne.locator("[data-assign]").click();
  await hanne.locator("[data-done]").click();
  await aase.waitForSelector(".bar");
  return secret;
}

async function unlock(page, secret) {
  await page.locator("#phrase").fill(secret);
  await page.locator(".phrase .primary").click();
}

async function story(chrome) {
  let server = await serve();
  const hanne = await device(chrome, "hanne", SIZES["1440"]);
  const aase = await device(chrome, "aase", SIZES["360"]);
  const hers = await found(hanne.page, `http://${server.address}`);
  await newCase(hanne.page, "Falken");
  const secret = await letIn(hanne.page, hers, aase.page);
  await aase.page.locator(".bar button").nth(1).click();
  await aase.page.locator(".caserow .case", { hasText: "Falken" }).click();
  await aase.page.waitForSelector(".bridge");

  await end(server.child);
  await aase.page.locator(".actions .btn:not(.primary)").click();
  await aase.page.locator("textarea").fill("Han vil flytte før jul.");
  await aase.page.waitForTimeout(1_000);
  await aase.page.locator("[data-lock]").first().click();
  await aase.page.waitForSelector("#phrase");

  const page = hanne.page;
  await page.locator("[data-device]", { hasText: "Åse Thorup" }).click();
  await page.keyboard.press("s");
  await page.locator('input[value="lost"]').check();
  await look(page, "spaer");
  await page.locator("[data-block]").click();
  await page.waitForSelector('.keys[data-state="waiting"]');
  assert.ok((await page.locator(".keys").innerText()).includes("Ny nøgle i 0 af 1 forløb"));
  await look(page, "uden-net");
  server = await serve(server.address);
  await page.locator(".side .state").click();
  await page.locator(".sheet .btn.big").first().click();
  await page.locator(".sheet .iconbtn").click();
  await page.waitForSelector('.keys[data-state="done"]');
  assert.ok((await page.locator(".keys").innerText()).includes("Ny nøgle i 1 af 1 forløb"));
  await look(page, "kvittering");
  await page.locator("[data-save]").click();
  await page.waitForSelector(".green b");
  const saved = readdirSync(join(hanne.data, "saved"));
  assert.ok(saved.length === 1 && /^kvittering-\d{4}-\d\d-\d\d\.txt$/.test(saved[0]), saved.join());
  assert.equal(await page.title(), "Notér");

  await unlock(aase.page, secret);
  await aase.page.waitForSelector('[data-way="join"]');
  await look(aase.page, "tom");
  await page.waitForSelector("[data-quarantine]");
  await page.locator("[data-quarantine]").click();
  await look(page, "karantaene");
  assert.ok((await page.locator('[data-thing="note"]').innerText()).includes("Han vil flytte før jul."));
  await page.locator("[data-accept]").click();
  await page.waitForFunction(() => !document.querySelector("[data-quarantine]"));
  await page.locator('[data-place="cases"]').click();
  await page.locator(".deskrow", { hasText: "Falken" }).click();
  await page.waitForFunction(() => document.querySelector(".middle")?.textContent.includes("Han vil flytte før jul."));
  assert.deepEqual([...page.complaints, ...aase.page.complaints], []);
}

const chrome = await browser();
let failed = 0;
try {
  await story(chrome);
} catch (thrown) {
  failed = 1;
  console.error(thrown.stack);
  if (wish.shots) for (const context of chrome.contexts()) for (const page of context.pages()) await look(page, "her");
}
console.log(`people-real: 1 stories, ${failed} failed`);
await chrome.close();
await Promise.all(running.map(end));
rmSync(dir, { recursive: true, force: true });
process.exit(failed);
