// Out of sight at once, and written at once: told with a clock that stands still and a device that does not answer.
import assert from "node:assert/strict";
import { NEW_NOTE, openCase, toCases } from "./go.mjs";
import { open, SIZES, tellEach } from "./world.mjs";

const PHONE = SIZES["360"];
const DESK = SIZES["1440"];
const WORDS = "Han sad i vindueskarmen.";
/** of persons, wherever one stands */
const OF_A_PERSON = ["Falken", "Kastanje", "Mikkel", "Åse", "vindueskarm"];

async function inside(chrome, base, size) {
  const page = await open(chrome, base, size, { phase: "unlocked", role: "coordinator", conflicts: "8" });
  await page.waitForSelector(size.phone ? ".tile" : ".caserow, .deskrow");
  return page;
}

async function writing(page) {
  await openCase(page);
  await page.locator(NEW_NOTE).click();
  await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
}

/** from here every word to the device is noted down; what is in `silent` is never answered */
async function overhear(page, ...silent) {
  await page.evaluate((never) => {
    const host = globalThis.pretend;
    globalThis.heard = [];
    for (const name of ["noteWrite", "lock", "appState", "settings"]) {
      const answer = host[name];
      host[name] = (...words) => {
        globalThis.heard.push(name === "noteWrite" ? `noteWrite ${words[2]}` : name);
        return never.includes(name) ? new Promise((go) => (globalThis.answer = () => go(answer(...words)))) : answer(...words);
      };
    }
  }, silent);
}
const heard = (page) => page.evaluate(() => globalThis.heard);
/** the new notes that the device has */
const kept = (page) => page.evaluate(() => Array.from({ length: 50 }, (_, i) => globalThis.pretend.noteText(`n${100 + i}`)).filter(Boolean));
/** no timer that is set from here on ever fires */
const stopTheTimers = (page) => page.evaluate(() => void (globalThis.setTimeout = () => 0));
/** lets go of every promise that can be kept without time passing */
const settled = (page) => page.evaluate(() => new Promise((go) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = go; port2.postMessage(0); }));

/** presses, and reads the page as it is drawn next; nothing is waited for but that frame */
const afterThePress = (page, press) => page.evaluate((by) => {
  const drawn = new Promise((go) => requestAnimationFrame(() => go({ html: document.documentElement.outerHTML, pad: document.querySelectorAll(".pad3").length })));
  if (by === "F9") (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", { key: "F9", bubbles: true, cancelable: true }));
  else document.querySelector("[data-lock]").click();
  return drawn;
}, press);

function harmless({ html, pad }, where) {
  assert.equal(pad, 1, `${where}: the lock stands there in the next frame`);
  for (const word of OF_A_PERSON) assert.ok(!html.includes(word), `${where}: ${word} is still in the page`);
}

const PLACES = [
  { where: "today, on a phone", size: PHONE, press: "the lock", go: async () => {} },
  { where: "a case, on a phone", size: PHONE, press: "the lock", go: openCase },
  { where: "a list, on a desk", size: DESK, press: "F9", go: toCases },
  { where: "a case, on a desk", size: DESK, press: "F9", go: openCase },
  { where: "a sheet, on a desk", size: DESK, press: "F9", go: async (page) => (await openCase(page), await page.keyboard.press("l"), await page.waitForSelector("[data-save]")) },
  { where: "a conflict, on a desk", size: DESK, press: "F9", go: async (page) => (await page.locator('[data-place="conflicts"]').click(), await page.waitForSelector(".conflict")) },
];

export async function onePressHidesInTheNextFrameThoughTheDeviceNeverAnswers(chrome, base) {
  for (const { where, size, press, go } of PLACES) {
    const page = await inside(chrome, base, size);
    await go(page);
    await overhear(page, "lock", "appState", "settings");
    harmless(await afterThePress(page, press), where);
    await settled(page);
    assert.deepEqual(await heard(page), ["lock"], `${where}: the device is told, and nothing else is asked`);
    await page.context().close();
  }
}

export async function onePressHidesWhatIsHalfWrittenAndTheVaultClosesOnlyWhenItHasIt(chrome, base) {
  for (const [size, press] of [[PHONE, "the lock"], [DESK, "F9"]]) {
    const page = await inside(chrome, base, size);
    await writing(page);
    await overhear(page, "noteWrite");
    await stopTheTimers(page);
    await page.keyboard.type(WORDS);
    harmless(await afterThePress(page, press), `a note, by ${press}`);
    await settled(page);
    assert.deepEqual(await heard(page), [`noteWrite ${WORDS}`], "the words are on their way, and the vault is not closed before they are in it");
    await page.evaluate(() => globalThis.answer());
    await settled(page);
    assert.deepEqual(await heard(page), [`noteWrite ${WORDS}`, "lock"]);
    assert.deepEqual(await kept(page), [WORDS], `by ${press}`);
    await page.context().close();
  }
}

const LEAVING = {
  "leaving the field": (page) => page.evaluate(() => document.activeElement.blur()),
  "a page that is hidden": (page) => page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }),
  "a page that is left": (page) => page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide"))),
};

export async function leavingTheFieldHidingThePageAndLeavingItWriteTheNoteAtOnce(chrome, base) {
  for (const size of [PHONE, DESK]) {
    for (const [what, leave] of Object.entries(LEAVING)) {
      const page = await inside(chrome, base, size);
      await writing(page);
      await overhear(page);
      await stopTheTimers(page);
      await page.keyboard.type(WORDS);
      await settled(page);
      assert.deepEqual(await heard(page), [], "the timer has not fired");
      await leave(page);
      await settled(page);
      assert.equal((await heard(page))[0], `noteWrite ${WORDS}`, `${what}, at ${size.width}`);
      assert.deepEqual(await kept(page), [WORDS], `${what}, at ${size.width}`);
      await page.context().close();
    }
  }
}

const STORIES = [
  onePressHidesInTheNextFrameThoughTheDeviceNeverAnswers, onePressHidesWhatIsHalfWrittenAndTheVaultClosesOnlyWhenItHasIt,
  leavingTheFieldHidingThePageAndLeavingItWriteTheNoteAtOnce,
];

export const hideStories = (chrome) => tellEach(chrome, STORIES);
