// Three taps to a contact, of any kind, from I dag and from Forløb, without a keyboard and without scrolling.
// Against a real preview server: node e2e/taps.spec.mjs --base http://127.0.0.1:PORT --token T [--secret S --kind pin|passphrase]
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { pretendDriver, previewDriver } from "./drivers.mjs";
import { Thumb } from "./tap.mjs";
import { browser } from "./world.mjs";

const KINDS = { meeting: "Møde", prison_visit: "Fængselsbesøg", phone: "Telefon", message: "Besked", no_show: "Udeblev", other: "Andet" };
const FROM = {
  "I dag": { go: async () => {}, tile: (page, alias) => page.locator(`.tile[data-log="${alias}"]`) },
  "Forløb": { go: (page) => page.locator(".bar button").nth(1).tap(), tile: (page, alias) => page.locator(`.since[data-log="${alias}"]`) },
};

/** how many entries of a kind the timeline of a person shows */
async function entries(page, alias, word) {
  await page.locator(".bar button").nth(1).tap();
  await page.locator(`.caserow:has([data-log="${alias}"]) .case`).tap();
  await page.waitForSelector(".facts");
  const found = await page.locator('[data-entry="meeting"] .what').evaluateAll((all, w) => all.filter((e) => e.textContent.startsWith(w)).length, word);
  await page.locator(".top .iconbtn").first().tap();
  await page.locator(".bar button").first().tap();
  await page.waitForSelector(".tile");
  return found;
}

export async function tapStory(driver) {
  let stories = 0;
  for (const [from, way] of Object.entries(FROM)) {
    for (const [kind, word] of Object.entries(KINDS)) {
      const page = await driver.page();
      await page.waitForSelector(".tile");
      const [alias] = await driver.people();
      const before = await entries(page, alias, word);
      await way.go(page);
      const thumb = new Thumb(page);
      await thumb.tap(way.tile(page, alias));
      if (kind !== "meeting") await thumb.tap(page.locator(`[data-key="${kind}"]`));
      else await page.locator('[data-key="meeting"][aria-checked="true"]').waitFor();
      await thumb.tap(page.locator("[data-save]"));
      await page.locator(".snack").waitFor();
      await thumb.noKeyboard();
      assert.ok(thumb.taps <= 3);
      assert.equal(await entries(page, alias, word), before + 1, `${kind} from ${from} is in the timeline`);
      assert.deepEqual(page.complaints, []);
      stories += 1;
      if (driver.name === "pretend") await page.context().close();
    }
  }
  return stories;
}

/** the counter itself must be able to fail */
export async function fourTapsFail(driver) {
  const page = await driver.page();
  const thumb = new Thumb(page);
  const tabs = page.locator(".bar button");
  for (const i of [1, 0, 1]) await thumb.tap(tabs.nth(i));
  await assert.rejects(() => thumb.tap(tabs.nth(0)), /at most 3/);
  if (driver.name === "pretend") await page.context().close();
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const { values } = parseArgs({ options: { base: { type: "string" }, token: { type: "string" }, secret: { type: "string" }, kind: { type: "string" } } });
  const chrome = await browser();
  const driver = values.base ? await previewDriver(chrome, values) : await pretendDriver(chrome);
  try {
    await fourTapsFail(driver);
    console.log(`taps: ${await tapStory(driver)} stories over ${driver.name}`);
  } finally {
    await driver.close();
    await chrome.close();
  }
}
