// The device's own stories: two ways in, settings that hold, a report that is read before it is saved, all of it without a mouse.
import assert from "node:assert/strict";
import { INVITATION, next, OWN_WORDS, repeat, toInvitation, toPlace, toRepeat, toSecret, toSettings } from "./house-screens.mjs";
import { open, SIZES, tellEach, wind } from "./world.mjs";

const PHONE = SIZES["360"];
const html = (page) => page.evaluate(() => document.documentElement.outerHTML + [...document.querySelectorAll("input, textarea")].map((e) => e.value).join(" "));

async function nowhere(page, words, when) {
  const text = await html(page);
  assert.ok(!text.includes(words), `the passphrase is still in the page ${when}`);
  assert.equal(await page.title(), "Notér");
}

const unlockWith = async (page, words) => {
  await page.locator("#phrase").fill(words);
  await page.locator(".phrase .primary").click();
};

export async function anInvitedPersonGetsIn(chrome, base) {
  const page = await open(chrome, base, PHONE, { phase: "fresh" });
  await toInvitation(page);
  await page.locator("textarea").fill("hej, her er den");
  await next(page);
  assert.match(await page.locator(".err").innerText(), /bb1-/);
  await page.locator(".top .iconbtn").click();
  await toSecret(page);
  const before = await page.locator("[data-secret]").innerText();
  await page.locator(".step .btn").first().click();
  await page.waitForFunction((was) => document.querySelector("[data-secret]")?.textContent !== was, before);
  const words = await toRepeat(page);
  assert.notEqual(words, before);
  await nowhere(page, words, "while it is written again");
  await repeat(page, `${words} `);
  assert.match(await page.locator(".err").innerText(), /ikke det samme/);
  await nowhere(page, words, "after it did not match");
  await repeat(page, words);
  await page.waitForSelector(".groups");
  await nowhere(page, words, "while it waits");
  const request = await page.locator(".groups li").allInnerTexts();
  assert.equal(request.join("-"), (await page.evaluate(() => globalThis.pretend.appState())).request);
  await page.locator("[data-lock]").click();
  await page.waitForSelector("#phrase");
  assert.ok(!(await html(page)).includes(request[3]), "the request is not on the locked page");
  await unlockWith(page, words);
  await page.waitForSelector(".groups");
  assert.deepEqual(await page.locator(".groups li").allInnerTexts(), request);
  await page.evaluate(() => globalThis.pretend.failWith("net.offline"));
  await page.locator(".actions .btn").click();
  await page.waitForFunction(() => document.querySelector(".line")?.textContent.includes("Intet er tabt"));
  await page.evaluate(() => (globalThis.pretend.failWith(null), globalThis.pretend.admit()));
  await page.waitForSelector(".bar");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

export async function anOrganisationIsCreated(chrome, base) {
  const page = await open(chrome, base, PHONE, { phase: "fresh" });
  await toPlace(page, "http://bro.example");
  await next(page);
  assert.match(await page.locator(".err").innerText(), /https:/);
  await page.locator("input[type=url]").fill("bro.example");
  await next(page);
  await page.waitForSelector("[data-secret]");
  assert.match(await page.locator(".notice").innerText(), /kan ingen åbne/);
  await page.locator(".step .quiet").click();
  await page.locator("input").fill("hund");
  await next(page);
  assert.match(await page.locator(".err").innerText(), /for let at gætte/);
  await page.locator("input").fill(OWN_WORDS);
  await next(page);
  await page.waitForSelector("input[type=password]");
  await nowhere(page, OWN_WORDS, "while it is written again");
  await page.evaluate(() => globalThis.pretend.failWith("net.offline"));
  await repeat(page, OWN_WORDS);
  assert.match(await page.locator("[role=alert]").innerText(), /Intet er gået tabt/);
  await nowhere(page, OWN_WORDS, "when the server was not reached");
  await page.evaluate(() => globalThis.pretend.failWith(null));
  await page.locator(".trouble .btn").click();
  await page.waitForSelector(".bar");
  await nowhere(page, OWN_WORDS, "in the app");
  assert.deepEqual(await page.evaluate(() => globalThis.pretend.about().then((a) => [a.server, a.organisation, a.person, a.role])), ["https://bro.example", "Ådal exitenhed", "Hanne Østergård", "coordinator"]);
  await page.locator("[data-lock]").click();
  await unlockWith(page, OWN_WORDS);
  await page.waitForSelector(".bar");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

const dressed = (page) => page.evaluate(() => ({ ...document.documentElement.dataset, size: getComputedStyle(document.documentElement).fontSize, lang: document.documentElement.lang }));

export async function settingsHoldOnTheLockedPage(chrome, base) {
  const page = await open(chrome, base, SIZES["390"], { phase: "unlocked" });
  await toSettings(page);
  for (const key of ["150", "more", "dark", "left", "en"]) await page.locator(`.pick [data-key="${key}"]`).click();
  const chosen = { text: "150", contrast: "more", theme: "dark", hand: "left", size: "24px", lang: "en" };
  assert.deepEqual(await dressed(page), chosen);
  assert.equal(await page.locator("h1").innerText(), "Settings");
  await page.locator("[data-lock]").click();
  await page.waitForSelector(".pad3");
  assert.deepEqual(await dressed(page), chosen);
  for (const digit of "123456") await page.locator(".pad3 button", { hasText: digit }).click();
  await page.waitForSelector(".pick");
  assert.deepEqual(await page.locator("[role=radio][aria-checked=true]").evaluateAll((all) => all.map((e) => e.dataset.key)), ["60", "150", "more", "dark", "left", "en"]);
  await page.evaluate(() => globalThis.pretend.failWith("vault.full"));
  await page.locator('.pick [data-key="100"]').click();
  await page.waitForSelector(".notice[role=alert]");
  assert.deepEqual(await dressed(page), chosen);
  await page.context().close();
}

export async function theChosenTimeLocks(chrome, base) {
  const page = await open(chrome, base, SIZES["1024"], { phase: "unlocked", settings: "lock_after_s:300" });
  await wind(page);
  await page.waitForSelector(".caserow");
  await page.clock.runFor(200_000);
  assert.equal(await page.locator(".pad3").count(), 0, "five minutes were asked for");
  await toSettings(page);
  await page.locator('.pick [data-key="15"]').click();
  await page.clock.runFor(14_000);
  assert.equal(await page.locator(".pad3").count(), 0);
  await page.clock.runFor(2_000);
  await page.waitForSelector(".pad3");
  await page.context().close();
}

export async function theReportIsReadBeforeItIsSaved(chrome, base) {
  const page = await open(chrome, base, PHONE, { phase: "unlocked" });
  await page.locator(".state").first().tap();
  await page.locator(".over [data-settings]").tap();
  await page.waitForSelector(".pick");
  await page.locator('[data-go="report"]').tap();
  await page.waitForSelector("[data-report]");
  const shown = await page.locator("[data-report]").innerText();
  await page.evaluate(() => {
    const host = globalThis.pretend;
    const save = host.saveReport;
    host.saveReport = (report) => ((globalThis.savedText = report.text), save(report));
  });
  assert.equal(await page.evaluate(() => globalThis.savedText), undefined);
  await page.locator("[data-save]").tap();
  await page.waitForSelector(".green");
  assert.equal((await page.evaluate(() => globalThis.savedText)).trim(), shown.trim());
  assert.match(await page.locator(".green").innerText(), /Hentet\/rapport-.*ikke sendt/s);
  await page.locator(".top .iconbtn").first().tap();
  await page.waitForSelector(".pick");
  await page.context().close();
}

export async function aVaultThatIsOnlyReadSaysSo(chrome, base) {
  const page = await open(chrome, base, PHONE, { phase: "unlocked", readonly: "1" });
  assert.match(await page.locator(".only-read").innerText(), /^Kan læses, ikke skrives/);
  await page.locator("[data-lock]").tap();
  await page.waitForSelector(".pad3");
  assert.equal(await page.locator(".only-read").count(), 0, "the locked page says nothing of it");
  await page.context().close();
}

/** the next stop that is one of these, by Tab alone */
async function tabTo(page, selector, most = 40) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
  }
  assert.fail(`Tab does not reach ${selector}`);
}

async function inView(page) {
  const seen = await page.evaluate(() => {
    const e = document.activeElement;
    const { top, bottom } = e.getBoundingClientRect();
    return { ring: getComputedStyle(e).outlineStyle, inside: top >= 0 && bottom <= innerHeight + 1 };
  });
  assert.deepEqual(seen, { ring: "solid", inside: true }, "what has focus is in sight, with its ring");
}

export async function theFirstRunNeedsNoMouse(chrome, base) {
  const page = await open(chrome, base, SIZES["1024"], { phase: "fresh" });
  const type = (text) => page.keyboard.type(text);
  await tabTo(page, '[data-way="join"]');
  await inView(page);
  await page.keyboard.press("Enter");
  await page.waitForSelector("textarea");
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1", "a step begins at its heading");
  await tabTo(page, "textarea");
  await type(INVITATION);
  await tabTo(page, ".actions .primary");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-secret]");
  const words = await page.locator("[data-secret]").innerText();
  await tabTo(page, ".actions .primary");
  await page.keyboard.press("Enter");
  await page.waitForSelector("input[type=password]");
  await tabTo(page, "input");
  await type("noget andet");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".err");
  await type(words);
  await tabTo(page, "[role=checkbox]");
  await page.keyboard.press("Space");
  assert.equal(await page.locator(".field input").getAttribute("type"), "text");
  await tabTo(page, ".actions .primary");
  await inView(page);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".groups");
  await page.context().close();
}

export async function settingsNeedNoMouse(chrome, base) {
  const page = await open(chrome, base, SIZES["1440"], { phase: "unlocked" });
  await page.waitForSelector(".caserow");
  await tabTo(page, "[data-place=settings]");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".told");
  for (const [from, key, to] of [["60", "ArrowRight", "120"], ["100", "ArrowRight", "125"], ["normal", "ArrowRight", "more"], ["system", "ArrowLeft", "dark"], ["right", "ArrowLeft", "left"], ["da", "ArrowDown", "en"], ["on", "ArrowRight", "off"]]) {
    await tabTo(page, `[role=radio][data-key="${from}"]`, 80);
    await inView(page);
    await page.keyboard.press(key);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.key), to, "focus follows the choice");
  }
  assert.deepEqual(await page.evaluate(() => globalThis.pretend.settings()), { lock_after_s: 120, text: 125, hand: "left", contrast: "more", theme: "dark", single_keys: false });
  for (const [where, there] of [["help", "[data-page]"], ["about", ".facts .groups"], ["report", "[data-report]"]]) {
    await tabTo(page, `[data-go="${where}"]`, 80);
    await page.keyboard.press("Enter");
    await page.waitForSelector(there);
    if (where === "help") {
      await tabTo(page, '[data-page="lost"]', 80);
      await page.keyboard.press("Enter");
      await page.waitForSelector('[data-help="lost"]');
      await tabTo(page, ".desk .top.back .iconbtn", 80);
      await page.keyboard.press("Enter");
      assert.equal(await page.evaluate(() => document.activeElement.dataset.page), "lost", "back stands where one was");
    }
    await tabTo(page, ".desk .top.back .iconbtn", 80);
    await page.keyboard.press("Enter");
    await page.waitForSelector(".pick");
  }
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

const STORIES = [
  anInvitedPersonGetsIn, anOrganisationIsCreated, settingsHoldOnTheLockedPage, theChosenTimeLocks, theReportIsReadBeforeItIsSaved, aVaultThatIsOnlyReadSaysSo,
  theFirstRunNeedsNoMouse, settingsNeedNoMouse,
];

export const houseStories = (chrome) => tellEach(chrome, STORIES);
