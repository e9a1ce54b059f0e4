// People and devices as pictures: the list, blocking and its receipt, letting somebody in, quarantine.
import { typePin as giveAgain } from "./address-screens.mjs";

export { giveAgain };

const unlocked = { phase: "unlocked" };
const coordinator = { ...unlocked, role: "coordinator", conflicts: "4" };
const offline = { ...coordinator, net: "offline" };
const seconds = { ...unlocked, role: "dpo", seconds: "1" };
const KIRSTEN = "d4";
const EMIL = "d5";

export async function toPeople(page) {
  if (await page.locator(".desk").count()) await page.locator('[data-place="people"]').click();
  else {
    await page.locator("[data-settings]").first().click();
    await page.locator('[data-go="people"]').click();
  }
}

export async function toDevice(page, id = KIRSTEN) {
  await toPeople(page);
  await page.locator(`[data-device="${id}"]`).click();
}

/** the act of a device, from its own panel */
async function open(page, act, id = KIRSTEN) {
  await toDevice(page, id);
  await page.locator(`.panel [data-${act}], .actions [data-${act}]`).first().click();
}

export async function toBlock(page, id = KIRSTEN) {
  await open(page, "revoke", id);
  await page.waitForSelector("[data-block]");
}

export async function block(page, id = KIRSTEN) {
  await toBlock(page, id);
  await page.locator('input[value="lost"]').check();
  await page.locator("[data-block]").click();
  await page.waitForSelector(".keys", { timeout: 5000 });
}

export async function invite(page, name = "Fatıma Yıldırım İnce") {
  await toPeople(page);
  await page.locator("[data-enrol]").click();
  await page.locator("#enrol-name").fill(name);
  await page.locator("[data-make]").click();
  await page.waitForSelector("[data-invitation]");
}

export async function compare(page) {
  await invite(page);
  await page.locator("[data-next]").click();
}

export async function letIn(page) {
  await compare(page);
  await page.locator("[data-yes]").click();
  await giveAgain(page);
  await page.waitForSelector("[data-assign]");
}

const inQuarantine = async (page) => (await toPeople(page), await page.locator('[data-quarantine="q1"]').click(), await page.waitForSelector("[data-thing]"));

const PLANS = {
  "17-enheder": { wishes: coordinator, go: async (page) => (await toPeople(page), await page.waitForSelector("[data-device]")) },
  "17-enheder-mentor": { wishes: unlocked, go: async (page) => (await toPeople(page), await page.waitForSelector("[data-device]")) },
  "17-enheder-henter": { wishes: { ...coordinator, slow: "60000" }, go: async (page) => (await toPeople(page), await page.waitForSelector("main .skel")) },
  "17-enheder-fejl": { wishes: { ...coordinator, fail: "vault.damaged" }, go: async (page) => (await toPeople(page), await page.waitForSelector("main [role=alert]")) },
  "17-enhed": { wishes: coordinator, go: async (page) => (await toDevice(page), await page.waitForSelector(".panel dl")) },
  "17-spaer": { wishes: coordinator, go: (page) => toBlock(page) },
  "17-spaer-valgt": { wishes: coordinator, go: async (page) => (await toBlock(page), await page.locator('input[value="compromised"]').check()) },
  "17-spaerret": { wishes: coordinator, go: async (page) => (await block(page), await page.waitForSelector('.keys[data-state="done"]')) },
  "17-spaer-uden-net": { wishes: offline, go: async (page) => (await block(page), await page.waitForSelector('.keys[data-state="waiting"]')) },
  "17-kvittering": { wishes: coordinator, go: async (page) => (await open(page, "sheet", EMIL), await page.waitForSelector("[data-case]")) },
  "17-kvittering-gemt": { wishes: coordinator, go: async (page) => (await open(page, "sheet", EMIL), await page.locator("[data-save]").click(), await page.waitForSelector(".green b")) },
  "17-tilmeld": { wishes: coordinator, go: async (page) => (await toPeople(page), await page.locator("[data-enrol]").click(), await page.locator("[data-make]").click(), await page.waitForSelector(".err")) },
  "17-tilmeld-invitation": { wishes: coordinator, go: (page) => invite(page) },
  "17-tilmeld-koden-igen": { wishes: coordinator, go: async (page) => (await compare(page), await page.locator("[data-yes]").first().click(), await page.waitForSelector(".sheet .pad3")), sheet: true },
  "17-tilmeld-sammenlign": { wishes: coordinator, go: async (page) => (await compare(page), await page.waitForSelector("[data-yes]")) },
  "17-tilmeld-ingen": { wishes: { ...coordinator, asks: "0" }, go: async (page) => (await compare(page), await page.waitForSelector(".compare .notice")) },
  "17-tilmeld-nej": { wishes: coordinator, go: async (page) => (await compare(page), await page.locator("[data-no]").click(), await page.waitForSelector(".notice.brick")) },
  "17-tilmeld-forloeb": { wishes: coordinator, go: async (page) => (await letIn(page), await page.locator(".panel [role=checkbox]").nth(1).click()) },
  "17-anden-person": { wishes: seconds, go: async (page) => (await toPeople(page), await page.waitForSelector("[data-agree]"), await page.locator("[data-compare]").scrollIntoViewIfNeeded()) },
  "17-anden-person-enig": { wishes: seconds, go: async (page) => (await toPeople(page), await page.locator("[data-agree]").click(), await page.waitForSelector(".sheet .pad3")), sheet: true },
  "17-anden-person-sammenlign": { wishes: seconds, go: async (page) => (await toPeople(page), await page.locator("[data-compare]").click(), await page.waitForSelector("[data-yes]")) },
  "17-karantaene": { wishes: coordinator, go: inQuarantine },
  "17-karantaene-afgjort": { wishes: coordinator, go: async (page) => (await inQuarantine(page), await page.locator("[data-accept-all]").click(), await page.waitForFunction(() => !document.querySelector("[data-thing]"))) },
};

const EN = ["17-enheder", "17-spaer", "17-spaerret", "17-tilmeld-sammenlign", "17-anden-person", "17-karantaene", "17-kvittering"];
const PHONE_AT = ["360", "390", "360-200", "360-dark"];
const DESK_AT = ["1440", "1024", "1440-dark", "1440-200"];

export const PEOPLE_SCREENS = Object.fromEntries(
  Object.entries(PLANS).flatMap(([name, plan]) => [
    [name, { ...plan, desk: true, at: DESK_AT }],
    [`${name}-telefon`, { ...plan, at: PHONE_AT }],
    ...(EN.includes(name) ? [[`${name}-en`, { ...plan, desk: true, at: ["1440"], wishes: { ...plan.wishes, lang: "en" } }], [`${name}-telefon-en`, { ...plan, at: ["360", "360-200"], wishes: { ...plan.wishes, lang: "en" } }]] : []),
  ]),
);
