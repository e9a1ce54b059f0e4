// Appointments, told as stories: made, moved and called off in four taps, and answered for in one.
import assert from "node:assert/strict";
import { openAgreed } from "./appointment-screens.mjs";
import { openCase } from "./go.mjs";
import { Thumb } from "./tap.mjs";
import { open, SIZES, tellEach } from "./world.mjs";

const AGREED = { phase: "unlocked", agreed: "1" };
const text = (page, selector) => page.locator(selector).first().innerText();
const told = (page) => text(page, ".snack");
async function done(page) {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}
async function takenBack(page) {
  await page.locator(".snack button").last().click();
  await page.locator(".snack").waitFor({ state: "detached" });
}

export async function fourTapsMakeAnAppointmentAndNoKeyboardOpens(chrome, base) {
  const page = await open(chrome, base, SIZES["360"], { phase: "unlocked" });
  const thumb = new Thumb(page);
  await thumb.tap(page.locator('.tile[data-log="Falken"]'), 4);
  await thumb.tap(page.locator("[data-agree]"), 4);
  await thumb.tap(page.locator(".sheet [data-day]").nth(1), 4);
  await thumb.tap(page.locator(".sheet [data-save]"), 4);
  assert.match(await told(page), /Aftalen er gemt/);
  assert.match(await text(page, "[data-agreed]"), /16\.00\s+Falken\s+I morgen · Møde · Biblioteket/);
  await takenBack(page);
  assert.equal(await page.locator("[data-agreed]").count(), 0);
  await done(page);
}

export async function fourTapsMoveAnAppointmentAndItIsTakenBack(chrome, base) {
  const page = await open(chrome, base, SIZES["390"], AGREED);
  const row = page.locator('[data-agreed="a2"]');
  await row.scrollIntoViewIfNeeded();
  assert.match(await row.innerText(), /14\.00\s+Lille Åge\s+Fulgtes ad · Hovedindgangen/);
  const thumb = new Thumb(page);
  await thumb.tap(row, 4);
  await thumb.tap(page.locator("[data-move]"), 4);
  await thumb.tap(page.locator(".sheet [data-day]").nth(1), 4);
  assert.match(await text(page, ".sheet [data-save]"), /i morgen 14\.00/i);
  await thumb.tap(page.locator(".sheet [data-save]"), 4);
  assert.match(await told(page), /Aftalen er flyttet/);
  assert.match(await row.innerText(), /I morgen/);
  await takenBack(page);
  assert.doesNotMatch(await row.innerText(), /I morgen/);
  await done(page);
}

export async function threeTapsCallAnAppointmentOffAndTheCaseSaysWhy(chrome, base) {
  const page = await open(chrome, base, SIZES["390"], AGREED);
  const row = page.locator('[data-agreed="a2"]');
  await row.scrollIntoViewIfNeeded();
  const thumb = new Thumb(page);
  await thumb.tap(row);
  await thumb.tap(page.locator("[data-cancel]"));
  assert.equal(await page.locator('[data-why="no_show"]').count(), 0, "nobody has stayed away from what is to come");
  await thumb.tap(page.locator('[data-why="cancelled_institution"]'));
  assert.match(await told(page), /Skrevet i forløbet/);
  await row.waitFor({ state: "detached" });
  await openCase(page, "Lille Åge");
  assert.match(await text(page, '[data-entry="meeting"]'), /Aflyst af stedet/);
  await done(page);
}

export async function oneTapAfterwardsSaysWhatCameOfIt(chrome, base) {
  for (const [answer, word] of [["yes", "Fængselsbesøg"], ["no_show", "Udeblev"]]) {
    const page = await open(chrome, base, SIZES["360"], AGREED);
    assert.match(await text(page, "[data-after]"), /Kl\. 9\.30 · Fængselsbesøg\s+Blev det til noget med B\.\?/);
    assert.equal(await page.locator("[data-after]").count(), 1, "at most one card asks");
    const thumb = new Thumb(page);
    await thumb.tap(page.locator(`[data-answer="${answer}"]`), 1);
    await page.locator("[data-after]").waitFor({ state: "detached" });
    await takenBack(page);
    await page.waitForSelector("[data-after]");
    await page.locator(`[data-answer="${answer}"]`).click();
    await page.locator("[data-after]").waitFor({ state: "detached" });
    await openCase(page, "B.");
    assert.ok((await page.locator('[data-entry="meeting"]').allInnerTexts()).some((entry) => entry.includes(word)), word);
    await done(page);
  }
}

export async function whatIsMissingIsSaidAndWhatWasChosenStays(chrome, base) {
  const page = await open(chrome, base, SIZES["390"], AGREED);
  await page.locator('[data-add="appointment"]').click();
  await page.locator(".sheet [data-save]").click();
  assert.deepEqual(await page.locator(".sheet [role=alert]").allInnerTexts(), ["Vælg, hvem det handler om.", "Vælg en dag."]);
  await page.locator('.sheet [data-person="c5"]').click();
  await page.locator(".sheet [data-day]").nth(2).click();
  await page.evaluate(() => globalThis.pretend.failWith("vault.full"));
  await page.locator(".sheet [data-save]").click();
  await page.waitForFunction(() => document.querySelector(".sheet .act [role=alert], .sheet [role=alert]"));
  await page.evaluate(() => globalThis.pretend.failWith(null));
  await page.locator(".sheet [data-save]").click();
  assert.match(await told(page), /Aftalen er gemt/);
  await done(page);
}

export async function withTheKeyboardAloneAnAppointmentIsOpenedAndShut(chrome, base) {
  const page = await open(chrome, base, SIZES["1440"], AGREED);
  await openAgreed(page, "a4");
  assert.match(await text(page, ".sheet"), /To tider: den første gælder/);
  await page.keyboard.press("Escape");
  await page.locator(".sheet").waitFor({ state: "detached" });
  await page.locator('[data-agreed="a4"]').focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".sheet [data-move]");
  await done(page);
}

const STORIES = [fourTapsMakeAnAppointmentAndNoKeyboardOpens, fourTapsMoveAnAppointmentAndItIsTakenBack, threeTapsCallAnAppointmentOffAndTheCaseSaysWhy, oneTapAfterwardsSaysWhatCameOfIt, whatIsMissingIsSaidAndWhatWasChosenStays, withTheKeyboardAloneAnAppointmentIsOpenedAndShut];

export async function appointmentStories(chrome, only = /./) {
  const stories = STORIES.filter((story) => only.test(story.name));
  const { failed } = await tellEach(chrome, stories);
  return { told: stories.map((story) => story.name), failed };
}
