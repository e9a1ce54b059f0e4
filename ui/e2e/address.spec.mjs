// Where somebody lives, told as stories: seen only while it is held, gone after a minute, and nowhere else on the page or in the browser.
import assert from "node:assert/strict";
import { askToSee, holdDown, openDoor, PIN, toAddress, typePin } from "./address-screens.mjs";
import { open, openCase, SIZES, tellEach, wind } from "./world.mjs";

const MENTOR = { phase: "unlocked", settings: "lock_after_s:300" };
const COORDINATOR = { ...MENTOR, role: "coordinator" };
const ADDRESS = "Prøvevej 4, 2. th., 9999 Prøveby";
const TRACES = ["Prøvevej", "Prøveby", "Øvelsesgade"];

const text = (page, selector) => page.locator(selector).first().innerText();
const words = (page) => text(page, "[data-address]");
const strongroom = (page) => page.evaluate(() => globalThis.pretend.lookAtAddress("c1", "check").then(() => "open", (error) => error.code));
async function done(page) {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

/** nothing of an address stands anywhere: page, title, bar, history, storage, what a screen reader is told */
async function leavesNoTrace(page, where) {
  const kept = await page.evaluate(async () => ({
    html: document.documentElement.outerHTML, typed: [...document.querySelectorAll("input, textarea")].map((e) => e.value).join(), title: document.title, url: location.href, history: JSON.stringify(history.state),
    storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]), databases: JSON.stringify(await indexedDB.databases()), cookie: document.cookie,
  }));
  for (const [place, said] of Object.entries(kept)) for (const word of TRACES) assert.ok(!said.includes(word), `${where}: ${word} stands in ${place}`);
  assert.equal(kept.title, "Notér");
}

async function onClock(chrome, base, size, wishes) {
  const page = await open(chrome, base, SIZES[size], wishes);
  await wind(page);
  await page.waitForSelector(".app");
  return page;
}

async function aFingerHoldsItInSightAndLettingGoHidesIt(chrome, base) {
  const page = await open(chrome, base, SIZES["390"], MENTOR);
  await openCase(page);
  assert.match(await text(page, '[data-open="address"]'), /Adresse\s+Frigivet til dig til i dag 22\.00/);
  await page.locator('[data-open="address"]').click();
  await openDoorAgain(page);
  await leavesNoTrace(page, "open, and nobody holds");
  const { x, y, width, height } = await page.locator("[data-hold]").boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  assert.equal(await words(page), ADDRESS);
  assert.match(await page.locator(".mark").first().innerHTML(), /Åse Lund · i dag 13\.04/);
  assert.equal(await page.title(), "Notér");
  assert.ok(!(await page.evaluate(() => [...document.querySelectorAll("[aria-live], [role=status], [role=alert], [aria-label]")].map((e) => `${e.textContent} ${e.getAttribute("aria-label")}`).join())).includes("Prøvevej"), "nothing reads it aloud");
  await page.evaluate(() => getSelection().selectAllChildren(document.querySelector("[data-seen]")));
  assert.ok(!(await page.evaluate(() => getSelection().toString())).includes("Prøvevej"), "it cannot be marked");
  assert.equal(await page.locator(".pad a, [href^=geo], [href*=map]").count(), 0, "no way to a map");
  await page.mouse.up();
  await page.waitForSelector('[data-seen="false"]');
  await leavesNoTrace(page, "let go");
  await page.mouse.down();
  await page.mouse.move(5, 300);
  assert.equal(await words(page), ADDRESS, "a finger may slide while it holds");
  await page.mouse.up();
  await leavesNoTrace(page, "let go elsewhere");
  await done(page);
}

async function withTheKeyboardAloneFromTheCaseAndBack(chrome, base) {
  const page = await open(chrome, base, SIZES["1440"], MENTOR);
  await openCase(page);
  await page.locator('[data-open="address"]').focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-look]");
  await page.locator("[data-look]").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".sheet [data-chip]");
  for (let i = 0; i < 4 && !(await page.evaluate(() => document.activeElement?.matches(".sheet [type=radio]"))); i++) await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.waitForSelector(".sheet .pad3");
  await page.keyboard.type(PIN);
  await page.waitForFunction(() => document.activeElement?.matches("[data-hold]"));
  for (const key of ["Space", "Enter"]) {
    await page.keyboard.down(key);
    await page.waitForSelector('[data-seen="true"]');
    assert.equal(await words(page), ADDRESS);
    await page.keyboard.down(key);
    await page.keyboard.up(key);
    await page.waitForSelector('[data-seen="false"]');
  }
  await leavesNoTrace(page, "keys let go");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector("[data-door]"));
  assert.equal(await strongroom(page), "address.locked", "leaving shuts it on the device too");
  await done(page);
}

async function twentySecondsAtATimeAndAMinuteInAll(chrome, base) {
  const page = await onClock(chrome, base, "390", MENTOR);
  await askToSee(page);
  await typePin(page);
  await page.waitForSelector('[data-door="open"]');
  await page.clock.runFor(100);
  await holdDown(page);
  await page.clock.runFor(19_500);
  assert.equal(await words(page), ADDRESS);
  await page.clock.runFor(600);
  await page.waitForSelector('[data-seen="false"]');
  await leavesNoTrace(page, "held too long");
  await page.keyboard.up("Space");
  await holdDown(page);
  await page.clock.runFor(15_000);
  await page.keyboard.up("Space");
  assert.match(await text(page, "[role=timer]"), /Lukker om 2[45] sekunder/);
  await holdDown(page);
  await page.clock.runFor(19_900);
  await page.keyboard.up("Space");
  await holdDown(page);
  await page.clock.runFor(6_000);
  await page.waitForSelector('[data-door="shut"]');
  await leavesNoTrace(page, "a minute over");
  assert.equal(await strongroom(page), "address.locked");
  await done(page);
}

async function whateverTakesOneAwayShutsIt(chrome, base) {
  const away = {
    "the window is left": (page) => page.evaluate(() => window.dispatchEvent(new Event("blur"))),
    "the page is hidden": (page) => page.evaluate(() => {
      Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }),
    "somebody shuts it": (page) => page.locator("[data-shut]").click(),
    "the screen is locked": (page) => page.keyboard.press("F9"),
    "another case is opened": (page) => page.locator(".deskrow", { hasText: "Kastanje" }).click(),
  };
  for (const [why, go] of Object.entries(away)) {
    const page = await open(chrome, base, SIZES["1440"], MENTOR);
    await openDoor(page);
    await holdDown(page);
    await go(page);
    await page.waitForFunction(() => !document.querySelector('[data-door="open"]'));
    await leavesNoTrace(page, why);
    if (!why.includes("locked")) assert.equal(await strongroom(page), "address.locked", why);
    await done(page);
  }
}

async function aWrongSecretCountsAndOpensNothing(chrome, base) {
  const page = await onClock(chrome, base, "360", { ...MENTOR, tries: "7" });
  await askToSee(page);
  await typePin(page, "999999");
  await page.waitForSelector(".sheet .waits");
  assert.match(await text(page, ".sheet [role=status]"), /Det passede ikke\. Prøv igen om 8 minutter\.\s+To forsøg tilbage\. Derefter slettes alt i appen\./);
  await page.locator(".sheet .pad3 button", { hasText: "5" }).click();
  assert.equal(await page.locator(".pins .on").count(), 0, "no digit is taken while it waits");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator('[data-door="open"]').count(), 0);
  await page.locator("[data-look]").click();
  await page.locator('.sheet [data-chip="check"]').click();
  await typePin(page, "999999");
  await page.waitForFunction(() => /Ét forsøg tilbage/.test(document.querySelector(".sheet [role=status]")?.textContent ?? ""));
  await done(page);

  const last = await open(chrome, base, SIZES["360"], { ...MENTOR, tries: "9" });
  await askToSee(last);
  await typePin(last, "999999");
  await last.waitForFunction(() => !document.querySelector(".sheet, [data-door], .lock"));
  const html = await last.evaluate(() => document.documentElement.outerHTML);
  for (const word of ["Falken", "forsøg", ...TRACES]) assert.ok(!html.includes(word), `${word} tells of what was there`);
  await done(last);
}

async function whoeverTurnsAwayWhileTheSecretIsTriedOpensNothing(chrome, base) {
  for (const turn of [(page) => page.keyboard.press("Escape"), (page) => page.evaluate(() => window.dispatchEvent(new Event("blur")))]) {
    const page = await open(chrome, base, SIZES["1440"], MENTOR);
    await askToSee(page);
    await page.evaluate(() => globalThis.pretend.waitBefore(400));
    await typePin(page);
    await turn(page);
    await page.waitForFunction(() => !document.querySelector(".sheet"));
    await page.waitForTimeout(700);
    await page.evaluate(() => globalThis.pretend.waitBefore(0));
    assert.equal(await page.locator('[data-door="open"]').count(), 0);
    assert.equal(await strongroom(page), "address.locked");
    await done(page);
  }
}

async function anUnresolvedAddressWaitsForACoordinatorWhoChooses(chrome, base) {
  const mentor = await open(chrome, base, SIZES["390"], MENTOR);
  await askToSee(mentor, "B.");
  await typePin(mentor);
  await mentor.waitForFunction(() => document.querySelector(".box")?.textContent?.includes("Adressen er uafklaret. Ingen kan åbne den, før Hanne eller Bo har set på det."));
  await leavesNoTrace(mentor, "unresolved");
  await done(mentor);

  const page = await open(chrome, base, SIZES["390"], COORDINATOR);
  await openDoor(page, "B.");
  assert.ok((await text(page, '[data-version="1"]')).includes("Bo · i går 11.04"), "who and when stand there before anybody holds");
  await leavesNoTrace(page, "two versions, and nobody holds");
  await holdDown(page);
  assert.deepEqual(await page.locator("[data-version] .person").allInnerTexts(), ["Prøvevej 12, 9999 Prøveby", "Prøvevej 21, 9999 Prøveby"]);
  await page.keyboard.up("Space");
  await page.locator('[data-version="1"] [data-right]').click();
  await page.waitForSelector(".notice.green");
  await leavesNoTrace(page, "chosen");
  await openDoorAgain(page);
  await holdDown(page);
  assert.equal(await words(page), "Prøvevej 21, 9999 Prøveby");
  await done(page);
}

async function openDoorAgain(page) {
  await page.locator("[data-look]").click();
  await page.locator('.sheet [data-chip="check"]').click();
  await typePin(page);
  await page.waitForSelector('[data-door="open"]');
  await page.waitForTimeout(50);
}

async function aCoordinatorEntersANewOneAndTheFieldIsEmptyAfterwards(chrome, base) {
  for (const size of ["360", "1440"]) {
    const page = await open(chrome, base, SIZES[size], COORDINATOR);
    await toAddress(page, "Lille Åge");
    await page.locator('[data-go="enter"]').click();
    await page.locator("[data-save]").click();
    await page.waitForSelector("#address[aria-invalid=true]");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "address");
    await page.locator("#address").fill("Prøvevej 8, st.\n9999 Prøveby\n");
    await page.locator('[data-chip="special"]').click();
    await page.locator("#address-renew").fill("31.2.2027");
    await page.locator("[data-save]").click();
    await page.waitForSelector("#address-renew[aria-invalid=true]");
    await page.locator("#address-renew").fill("15.11.2027");
    assert.equal(await text(page, "#address-renew-hint"), "Mandag 15. november 2027");
    await page.locator("[data-save]").click();
    await typePin(page);
    await page.waitForSelector(".notice.green");
    assert.match(await text(page, ".notice.green"), /Gemt i adresseboksen på (telefonen|computeren)\. Den sendes ved næste hentning/);
    await leavesNoTrace(page, "entered");
    await openDoorAgain(page);
    await holdDown(page);
    assert.equal(await words(page), "Prøvevej 8, st., 9999 Prøveby");
    assert.match(await text(page, "[data-seen]"), /Særlig beskyttelse · Fornyes senest 15\. nov\. 2027/);
    await done(page);
  }
}

async function oneAsksAndAnotherAgreesAndItCanBeTakenBack(chrome, base) {
  const page = await open(chrome, base, SIZES["390"], COORDINATOR);
  await toAddress(page);
  await page.locator('[data-go="release"]').click();
  assert.ok(await page.locator("[data-release]").isDisabled(), "who, how long and why come first");
  for (const key of ["Mikkel", "tonight", "move"]) await page.locator(`[data-chip="${key}"]`).click();
  assert.equal(await text(page, "[data-after]"), "Når en anden har sagt ja, kan Mikkel se adressen til i dag 22.00. Derefter glemmer enheden den af sig selv.");
  await page.locator("[data-release]").click();
  await typePin(page);
  await page.waitForSelector('[data-asked="Mikkel"]');
  assert.match(await text(page, '[data-asked="Mikkel"]'), /Venter på ja fra en anden koordinator/);
  assert.equal(await page.locator("[data-agree]").count(), 0, "nobody agrees to what they asked for");
  await page.locator('[data-go="log"]').click();
  await page.waitForSelector("[data-log-row]");
  assert.match(await text(page, "[data-log-row]"), /Åse Lund bad om at frigive den til Mikkel/);
  await done(page);

  const officer = await open(chrome, base, SIZES["390"], { ...MENTOR, role: "dpo" });
  await toAddress(officer, "🦊");
  assert.equal(await officer.locator("[data-look]").count(), 0, "whoever watches over it does not see it");
  await officer.locator("[data-agree]").click();
  await officer.waitForFunction(() => document.querySelector("[data-asked]")?.textContent?.includes("To er enige."));
  await done(officer);

  const alone = await open(chrome, base, SIZES["390"], COORDINATOR);
  await toAddress(alone);
  await alone.locator('[data-go="release"]').click();
  for (const key of ["Mikkel", "alone"]) await alone.locator(`[data-chip="${key}"]`).click();
  assert.match(await text(alone, "[data-after]"), /^Mikkel kan se adressen til i dag 15\.00, uden at en anden siger ja\./);
  await alone.locator("[data-release]").click();
  await typePin(alone);
  await alone.waitForSelector('[data-reader="Mikkel"]');
  await alone.locator('[data-reader="Mikkel"] [data-ask]').click();
  assert.match(await text(alone, '[data-reader="Mikkel"] .really'), /Det, der er set, kan ikke gøres uset\./);
  await alone.locator("[data-take]").click();
  await alone.waitForFunction(() => !document.querySelector('[data-reader="Mikkel"]'));
  await done(alone);
}

async function whoeverItIsNotReleasedToSeesOnlyThatThereIsOne(chrome, base) {
  const page = await open(chrome, base, SIZES["390"], MENTOR);
  await toAddress(page, "Øzgür");
  assert.match(await text(page, ".box"), /Ikke frigivet til dig\s+Spørg din koordinator/);
  for (const act of ["[data-look]", "[data-go]", "[data-ask]", "[data-agree]"]) assert.equal(await page.locator(act).count(), 0, act);
  for (const left of ["[data-door]", ".bridge"]) {
    await page.locator(".top .iconbtn").first().click();
    await page.waitForFunction((gone) => !document.querySelector(gone), left);
  }
  await openCase(page, "Lille Åge");
  await page.waitForTimeout(200);
  assert.equal(await page.locator('[data-open="address"]').count(), 0, "a case without an address says nothing of one to a mentor");
  await done(page);
}

const STORIES = [
  aFingerHoldsItInSightAndLettingGoHidesIt, withTheKeyboardAloneFromTheCaseAndBack, twentySecondsAtATimeAndAMinuteInAll, whateverTakesOneAwayShutsIt, aWrongSecretCountsAndOpensNothing, whoeverTurnsAwayWhileTheSecretIsTriedOpensNothing,
  anUnresolvedAddressWaitsForACoordinatorWhoChooses, aCoordinatorEntersANewOneAndTheFieldIsEmptyAfterwards, oneAsksAndAnotherAgreesAndItCanBeTakenBack, whoeverItIsNotReleasedToSeesOnlyThatThereIsOne,
];

export async function addressStories(chrome, only = /./) {
  const stories = STORIES.filter((story) => only.test(story.name));
  const { failed } = await tellEach(chrome, stories);
  return { told: stories.map((story) => story.name), failed };
}
