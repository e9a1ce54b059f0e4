// Who reads a case, told as stories: a coordinator takes out, gives and hands over; a mentor sees who reads.
import assert from "node:assert/strict";
import { typePin } from "./address-screens.mjs";
import { toPeople } from "./people-screens.mjs";
import { pick, toTeam } from "./team-screens.mjs";
import { open, SIZES, tellEach } from "./world.mjs";

const COORDINATOR = { phase: "unlocked", role: "coordinator" };
const text = (page, selector) => page.locator(selector).first().innerText();
const readers = (page) => page.locator("[data-reader] b").allInnerTexts();
async function done(page) {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

export async function somebodyIsTakenOutOnlyAfterHearingWhatItMeans(chrome, base) {
  for (const size of ["360", "1440"]) {
    const page = await open(chrome, base, SIZES[size], COORDINATOR);
    await toTeam(page);
    const before = await readers(page);
    assert.ok(before.length >= 4 && before.includes("Mikkel Rønnow Bæk"), before.join());
    await page.locator('[data-reader="m-d2"] [data-ask]').focus();
    await page.keyboard.press("Enter");
    assert.match(await text(page, ".really"), /kan Mikkel Rønnow Bæk ikke læse eller skrive her/);
    await page.locator("[data-keep]").click();
    assert.deepEqual(await readers(page), before, "nothing was done");
    await page.locator('[data-reader="m-d2"] [data-ask]').click();
    await page.locator("[data-take]").click();
    await page.waitForSelector("[data-told]");
    assert.match(await text(page, "[data-told]"), /Mikkel Rønnow Bæk er ude/);
    await page.waitForFunction(() => !document.querySelector('[data-reader="m-d2"]'));
    assert.ok((await page.locator('[data-chip="m-d2"]').count()) === 1, "and can be given it again");
    await done(page);
  }
}

export async function theLastCoordinatorStaysAndIsToldWhy(chrome, base) {
  const page = await open(chrome, base, SIZES["390"], COORDINATOR);
  await toTeam(page);
  const me = page.locator("[data-reader]", { hasText: "(dig)" });
  await me.locator("[data-ask]").click();
  await page.locator("[data-take]").click();
  await page.waitForSelector("[role=alert]");
  assert.match(await text(page, ".really [role=alert]"), /koordinators enhed/);
  assert.equal(await me.count(), 1);
  await done(page);
}

export async function aCaseIsGivenForAWeekOrHandedOverWithTheKeyboard(chrome, base) {
  const page = await open(chrome, base, SIZES["1440"], COORDINATOR);
  await toTeam(page, "Kastanje");
  assert.ok(await page.locator("[data-give]").isDisabled(), "nobody is chosen for anybody");
  await page.locator('[data-chip="m-d3"] input').focus();
  await page.keyboard.press("Space");
  await pick(page, "instead");
  assert.match(await text(page, "[data-after]"), /Vælg, hvem der går/);
  assert.ok(await page.locator("[data-give]").isDisabled());
  await pick(page, "also");
  await pick(page, "week");
  assert.match(await text(page, "[data-after]"), /Yasmin El-Khatib kan læse og skrive alt i forløbet fra næste synkronisering og til/);
  await page.locator("[data-give]").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector('[data-reader="m-d3"]');
  assert.match(await text(page, '[data-reader="m-d3"] small'), /mentor · til /);
  await page.locator('[data-reader="m-d3"] [data-ask]').click();
  await page.locator("[data-take]").click();
  await page.waitForSelector('[data-chip="m-d3"]');
  await pick(page, "m-d3");
  await pick(page, "instead");
  await pick(page, "m-d2");
  await pick(page, "14");
  assert.match(await text(page, "[data-after]"), /Mikkel Rønnow Bæk er med i 14 dage endnu/);
  await page.locator("[data-give]").click();
  await page.waitForSelector('[data-reader="m-d3"]');
  assert.match(await text(page, '[data-reader="m-d2"] small'), /til /);
  await done(page);
}

export async function aMentorSeesWhoReadsAndActsOnNobody(chrome, base) {
  const page = await open(chrome, base, SIZES["360"], { phase: "unlocked" });
  await toTeam(page);
  assert.ok((await readers(page)).length >= 4);
  assert.equal(await page.locator("[data-ask], [data-give], [data-chip]").count(), 0);
  await page.locator(".top .iconbtn").first().click();
  await page.waitForSelector('[data-open="team"]');
  await done(page);
}

export async function aCaseIsErasedOnlyWithAReasonAndTheSecretAgain(chrome, base) {
  for (const size of ["360", "1440"]) {
    const page = await open(chrome, base, SIZES[size], COORDINATOR);
    await toTeam(page, "Kastanje");
    assert.ok(await page.locator("[data-erase]").isDisabled(), "no reason is chosen for anybody");
    await pick(page, "retention");
    assert.match(await text(page, "[data-ending-after]"), /skal sige ja inden syv dage/);
    await pick(page, "candidate");
    assert.match(await text(page, "[data-ending-after]"), /Ingen kan hente det igen/);
    await page.locator("[data-erase]").click();
    assert.match(await text(page, ".sheet"), /Slet alt om Kastanje/);
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("[data-told]").count(), 0, "nothing was done");
    await page.locator("[data-erase]").click();
    await typePin(page, "999999");
    await page.waitForFunction(() => /passede ikke|forkert/i.test(document.querySelector(".sheet [role=status]")?.textContent ?? ""));
    await typePin(page);
    await page.waitForSelector("[data-told]");
    assert.match(await text(page, "[data-told]"), /slettes overalt/);
    await done(page);
  }
}

export async function aHeldCaseIsErasedByNobodyUntilItIsLetGo(chrome, base) {
  const page = await open(chrome, base, SIZES["390"], COORDINATOR);
  await toTeam(page, "Kastanje");
  await page.locator("[data-hold]").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-held]");
  assert.equal(await page.locator("[data-erase]").count(), 0);
  await page.locator("[data-let-go]").click();
  await page.waitForSelector("[data-erase]");
  await done(page);
}

export async function aSecondPersonSaysYesWithTheSecretAndSeesWhoIsMissing(chrome, base) {
  const page = await open(chrome, base, SIZES["1440"], { ...COORDINATOR, endings: "1" });
  await toPeople(page);
  const list = page.locator("[data-ends]");
  await list.first().waitFor();
  assert.match(await text(page, '[data-ends="c1"]'), /Tilbageholdt/);
  assert.match(await text(page, '[data-ends="c10"]'), /1 af 2 enheder[^]*Mangler: Mikkel Rønnow Bæk/);
  await page.locator("[data-agree-erase]").click();
  await typePin(page);
  await page.waitForFunction(() => !document.querySelector("[data-agree-erase]"));
  assert.match(await text(page, '[data-ends="c9"]'), /Slettet/);
  await done(page);
}

const STORIES = [aCaseIsErasedOnlyWithAReasonAndTheSecretAgain, aHeldCaseIsErasedByNobodyUntilItIsLetGo, aSecondPersonSaysYesWithTheSecretAndSeesWhoIsMissing, somebodyIsTakenOutOnlyAfterHearingWhatItMeans, theLastCoordinatorStaysAndIsToldWhy, aCaseIsGivenForAWeekOrHandedOverWithTheKeyboard, aMentorSeesWhoReadsAndActsOnNobody];

export async function teamStories(chrome, only = /./) {
  const stories = STORIES.filter((story) => only.test(story.name));
  const { failed } = await tellEach(chrome, stories);
  return { told: stories.map((story) => story.name), failed };
}
