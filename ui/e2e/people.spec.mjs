// People and devices: blocking a lost phone, letting a mentor in, deciding about quarantine. With the keyboard on a desk, with a thumb on a phone.
import assert from "node:assert/strict";
import { block, compare, giveAgain, invite, toDevice, toPeople } from "./people-screens.mjs";
import { open, SIZES, tellEach } from "./world.mjs";

const coordinator = { phase: "unlocked", role: "coordinator" };
const at = async (chrome, base, size, more = {}) => {
  const page = await open(chrome, base, SIZES[size], { ...coordinator, ...more });
  await page.waitForSelector(SIZES[size].phone ? ".bar" : ".hintbar .hint >> nth=2");
  return page;
};
const press = async (page, ...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};
const text = (page, selector) => page.locator(selector).first().innerText();
async function done(page) {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

async function aLostPhoneIsBlockedWithTheKeyboardAndItsReceiptCanAlwaysBeSeenAgain(chrome, base) {
  const page = await at(chrome, base, "1440");
  await press(page, "g", "m");
  await page.waitForSelector("[data-device]");
  const chosen = () => page.locator("tr.sel b").innerText();
  for (let i = 0; i < 9 && !(await page.locator("tr.sel", { hasText: "Kirsten-Marie" }).count()); i++) await press(page, "j");
  assert.equal(await chosen(), "Kirsten-Marie Nørgaard von Blücher-Hansen");
  await press(page, "s");
  await page.waitForSelector("[data-block]");
  assert.ok((await text(page, ".panel ul")).includes("8 forløb bliver ulæselige på enheden"));
  assert.ok(await page.locator("[data-block]").isDisabled(), "why is asked first");
  await press(page, "Escape");
  await page.waitForFunction(() => !document.querySelector("[data-block]"));
  assert.equal(await chosen(), "Kirsten-Marie Nørgaard von Blücher-Hansen", "and nothing was done");
  await press(page, "s");
  await page.locator('input[value="lost"]').focus();
  await press(page, "Space");
  for (let i = 0; i < 6 && !(await page.evaluate(() => document.activeElement?.matches("[data-block]"))); i++) await press(page, "Tab");
  await press(page, "Enter");
  await page.waitForSelector(".keys");
  await page.waitForSelector('.keys[data-state="done"]');
  assert.ok((await text(page, ".keys")).startsWith("Ny nøgle i 8 af 8 forløb"));
  assert.equal(await page.locator(".panel progress").getAttribute("value"), "8");
  await press(page, "Escape");
  await page.waitForFunction(() => !document.querySelector(".keys"));
  assert.ok((await page.locator("tr.sel").innerText()).includes("spærret"));
  assert.equal(await page.locator("tr.sel [data-revoke]").count(), 0, "it is blocked once");
  await press(page, "r");
  await page.waitForSelector(".panel [data-case]");
  assert.equal(await page.locator(".panel [data-case]").count(), 8);
  await done(page);
}

async function withoutANetworkABlockingWaitsAndSaysHowMuchWaits(chrome, base) {
  for (const size of ["360", "1440"]) {
    const page = await at(chrome, base, size, { net: "offline" });
    await block(page);
    await page.waitForSelector('.keys[data-state="waiting"]');
    const told = await text(page, ".keys");
    assert.ok(told.includes("Ny nøgle i 0 af 8 forløb") && told.includes("Venter på net. 10 ændringer sendes"), told);
    await done(page);
  }
}

async function aMentorIsLetInOnlyAfterTheWordsWereCompared(chrome, base) {
  for (const size of ["360", "1440"]) {
    const page = await at(chrome, base, size);
    const devices = () => page.evaluate(async () => (await globalThis.pretend.people()).devices);
    const before = (await devices()).length;
    await compare(page);
    await page.waitForSelector("[data-yes]");
    assert.deepEqual(await page.locator(".asks .words b").allInnerTexts(), ["abacus", "lantern", "cinnamon", "ankle", "fjord", "stool", "violin"]);
    await page.locator("[data-no]").click();
    await page.waitForSelector(".notice.brick");
    assert.equal((await devices()).length, before, "no means that nobody comes in");
    await page.locator("[data-again]").click();
    await page.locator("[data-make]").click();
    await page.waitForSelector("[data-invitation]");
    await page.locator("[data-next]").click();
    await page.locator("summary").click();
    await page.locator("#enrol-typed").fill("AAAA-BBBB-CCCC");
    await page.locator("[data-typed]").click();
    await giveAgain(page);
    await page.waitForSelector(".panel [role=alert]");
    assert.equal((await devices()).length, before, "letters that nobody showed let nobody in");
    await page.locator("#enrol-device").fill("Fatımas telefon");
    await page.locator("[data-yes]").first().click();
    await giveAgain(page, "111222");
    await page.waitForFunction(() => document.querySelector(".sheet .line")?.textContent !== "");
    assert.equal((await devices()).length, before, "whoever does not know the code lets nobody in");
    await giveAgain(page);
    await page.waitForSelector("[data-assign]");
    await page.locator(".panel [role=checkbox]").nth(0).click();
    await page.locator(".panel [role=checkbox]").nth(2).click();
    await page.locator("[data-assign]").click();
    await page.waitForSelector("[data-done]");
    const hers = (await devices()).find((d) => d.person === "Fatıma Yıldırım İnce");
    assert.deepEqual([hers?.name, hers?.cases], ["Fatımas telefon", 2]);
    assert.ok((await text(page, ".notice.green")).includes("2 forløb er givet"));
    await page.locator("[data-done]").click();
    await page.waitForSelector(`[data-device="${hers.device}"]`);
    await done(page);
  }
}

async function whatABlockedPhoneHandedInIsDecidedThingByThing(chrome, base) {
  const page = await at(chrome, base, "1440");
  const count = () => text(page, '[data-place="people"] .n');
  await toPeople(page);
  await page.waitForSelector("[data-quarantine]");
  assert.equal(await count(), "5");
  await page.locator('[data-quarantine="q1"]').click();
  await page.locator('[data-thing="note"] [data-accept]').click();
  await page.waitForFunction(() => !document.querySelector('[data-thing="note"]'));
  await page.locator('[data-thing="offer"] [data-reject]').click();
  await page.waitForFunction(() => !document.querySelector('[data-thing="offer"]'));
  await page.waitForFunction(() => document.querySelector('[data-place="people"] .n')?.textContent === "3");
  await page.locator("[data-reject-all]").click();
  await page.waitForFunction(() => !document.querySelector('[data-quarantine="q1"]'));
  const told = await text(page, ".panel [role=status]");
  assert.ok(told.includes("1 ting taget med.") && told.includes("3 ting afvist."), told);
  await page.locator('[data-quarantine="q2"]').click();
  await page.waitForSelector('[data-code="quarantine.incomplete"]');
  await page.locator("[data-accept]").click();
  await page.waitForFunction(() => !document.querySelector('[data-place="people"] .n'));
  await done(page);
}

async function aMentorSeesEverybodyAndMayActOnNobody(chrome, base) {
  for (const size of ["360", "1440"]) {
    const page = await at(chrome, base, size, { role: "mentor" });
    await toPeople(page);
    await page.waitForSelector("[data-device]");
    assert.equal(await page.locator("[data-device]").count(), 7);
    for (const act of ["enrol", "revoke", "sheet", "quarantine"]) assert.equal(await page.locator(`[data-${act}]`).count(), 0, act);
    await page.locator('[data-device="d4"]').click();
    await page.waitForSelector(".panel dl");
    await press(page, "s", "r", "n");
    await page.waitForTimeout(100);
    for (const what of ["[data-block]", "[data-revoke]", "[data-case]", "#enrol-name"]) assert.equal(await page.locator(what).count(), 0, what);
    await done(page);
  }
}

async function whoeverSeesToTheMachinesMayBlockAndReadsNothing(chrome, base) {
  const page = await at(chrome, base, "1440", { role: "it" });
  await block(page);
  await page.waitForSelector('.keys[data-state="blocked"]');
  assert.equal(await page.locator("[data-case], [data-save], [data-enrol]").count(), 0);
  await done(page);
}

export async function aSecondPersonAgreesForEverybodyAndLetsInWhomSomebodyElseInvited(chrome, base) {
  for (const size of ["360", "1440"]) {
    const page = await at(chrome, base, size, { role: "dpo", seconds: "1" });
    await toPeople(page);
    await page.locator("[data-agree]").click();
    await page.waitForSelector(".sheet .pad3");
    await press(page, "Escape");
    await page.waitForFunction(() => !document.querySelector(".sheet"));
    assert.equal(await page.locator("[data-agree]").count(), 1, "without the secret nothing is agreed to");
    await page.locator("[data-agree]").click();
    await giveAgain(page);
    await page.waitForFunction(() => !document.querySelector("[data-agree]"));
    await page.locator("[data-compare]").click();
    await page.waitForSelector("[data-yes]");
    assert.equal(await page.locator(".words li").count(), 7);
    await page.locator("[data-yes]").click();
    await giveAgain(page);
    await page.waitForSelector("[data-done]");
    assert.equal(await page.locator("[data-assign]").count(), 0, "whoever only signs gives no cases");
    await page.locator("[data-done]").click();
    await page.waitForFunction(() => !document.querySelector("[data-compare]"));
    await done(page);
  }
}

export async function whoSaysThatTheWordsDifferIsNotAskedAgain(chrome, base) {
  const page = await at(chrome, base, "1440", { role: "dpo", seconds: "1" });
  await toPeople(page);
  await page.locator("[data-compare]").click();
  await page.locator("[data-no]").click();
  await page.waitForSelector(".notice.brick");
  await press(page, "Escape");
  await page.locator("[data-compare]").click();
  await page.waitForSelector(".compare .notice");
  assert.equal(await page.locator("[data-yes]").count(), 0);
  await done(page);
}

async function backOnAPhoneLeadsFromAPanelToTheListAndOnToTheSettings(chrome, base) {
  const page = await at(chrome, base, "360");
  await toDevice(page);
  await page.waitForSelector(".panel dl");
  await page.locator(".top .iconbtn").first().click();
  await page.waitForSelector('[data-device="d4"]');
  await page.locator(".top .iconbtn").first().click();
  await page.waitForSelector('[data-go="people"]');
  await done(page);
}

async function anInvitationIsGoneWithTheScreen(chrome, base) {
  const page = await at(chrome, base, "1440");
  await invite(page);
  await press(page, "F9");
  await page.waitForSelector(".pad3");
  const html = await page.evaluate(() => document.documentElement.outerHTML);
  for (const word of ["bb1-", "Fatıma", "Kirsten", "Falken"]) assert.ok(!html.includes(word), `${word} is still in the page`);
  await done(page);
}

const STORIES = [
  aLostPhoneIsBlockedWithTheKeyboardAndItsReceiptCanAlwaysBeSeenAgain, withoutANetworkABlockingWaitsAndSaysHowMuchWaits, aMentorIsLetInOnlyAfterTheWordsWereCompared, whatABlockedPhoneHandedInIsDecidedThingByThing,
  aSecondPersonAgreesForEverybodyAndLetsInWhomSomebodyElseInvited, whoSaysThatTheWordsDifferIsNotAskedAgain, aMentorSeesEverybodyAndMayActOnNobody, whoeverSeesToTheMachinesMayBlockAndReadsNothing, backOnAPhoneLeadsFromAPanelToTheListAndOnToTheSettings, anInvitationIsGoneWithTheScreen,
];

export async function peopleStories(chrome, only = /./) {
  const stories = STORIES.filter((story) => only.test(story.name));
  const { failed } = await tellEach(chrome, stories);
  return { told: stories.map((story) => story.name), failed };
}
