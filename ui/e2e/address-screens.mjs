// Where somebody lives, as pictures: the row in the case, the door shut and open, unresolved, entering, releasing, who looked.
import { openCase } from "./go.mjs";

const unlocked = { phase: "unlocked" };
const coordinator = { ...unlocked, role: "coordinator", conflicts: "4" };
const PHONE = ["360", "390", "360-200", "390-dark"];
const DESK = ["1440", "1440-dark", "1440-200"];
/** what is looked at on the wide screen too */
const WIDE = ["", "-kode", "-set", "-uafklaret", "-koordinator", "-spurgt", "-to-udgaver", "-skriv", "-frigiv", "-hvem-har-set"].map((of) => `24-adresse${of}`);
const FOX = "Sømanden";
export const PIN = "123456";

export async function toAddress(page, alias = "Falken") {
  await openCase(page, alias);
  await page.locator('[data-open="address"]').click();
  await page.waitForSelector("[data-door]");
}

export async function typePin(page, pin = PIN) {
  await page.waitForSelector(".sheet .pad3");
  for (const digit of pin) await page.locator(".sheet .pad3 button", { hasText: digit }).click();
}

/** the reason and the secret */
export async function askToSee(page, alias = "Falken", purpose = "visit") {
  await toAddress(page, alias);
  await page.locator("[data-look]").click();
  await page.locator(`.sheet [data-chip="${purpose}"]`).click();
}

export async function openDoor(page, alias = "Falken") {
  await askToSee(page, alias);
  await typePin(page);
  await page.waitForSelector('[data-door="open"]');
  await page.waitForTimeout(50);
}

export async function holdDown(page) {
  await page.locator("[data-hold]").focus();
  await page.keyboard.down("Space");
  await page.waitForSelector('[data-seen="true"]');
}

const to = async (page, place, alias = "Falken") => (await toAddress(page, alias), await page.locator(`[data-go="${place}"]`).click(), await page.waitForSelector("h1"));
const chip = (page, key) => page.locator(`[data-chip="${key}"]`).click();
const unresolved = async (page) => (await askToSee(page, "B."), await typePin(page), await page.waitForFunction(() => /uafklaret|unresolved/.test(document.querySelector(".box")?.textContent ?? "")));

/** as a mentor */
const MENTOR = {
  "24-adresse": { go: (page) => toAddress(page) },
  "24-adresse-aabn": { go: async (page) => (await toAddress(page), await page.locator("[data-look]").click(), await page.waitForSelector(".sheet [data-chip]")), sheet: true },
  "24-adresse-kode": { go: async (page) => (await askToSee(page), await page.waitForSelector(".sheet .pad3")), sheet: true },
  "24-adresse-passede-ikke": { wishes: { tries: "7" }, go: async (page) => (await askToSee(page), await typePin(page, "999999"), await page.waitForSelector(".sheet .waits")), sheet: true },
  "24-adresse-saetning": { wishes: { secret: "passphrase" }, go: async (page) => (await askToSee(page), await page.waitForSelector("#secret-again")), sheet: true },
  "24-adresse-aaben": { go: (page) => openDoor(page) },
  "24-adresse-set": { go: async (page) => (await openDoor(page), await holdDown(page)) },
  "24-adresse-uafklaret": { go: unresolved },
  "24-adresse-ikke-frigivet": { go: (page) => toAddress(page, "Øzgür") },
};
/** as a coordinator, or as whoever watches over it */
const COORDINATOR = {
  "24-adresse-koordinator": { go: (page) => toAddress(page) },
  "24-adresse-tag-tilbage": { go: async (page) => (await toAddress(page), await page.locator('[data-reader="Hanne"] [data-ask]').click(), await page.waitForSelector("[data-take]")) },
  "24-adresse-spurgt": { go: (page) => toAddress(page, FOX) },
  "24-adresse-sagt-ja": { go: async (page) => (await toAddress(page, FOX), await page.locator("[data-agree]").click(), await page.waitForSelector(".notice.green")) },
  "24-adresse-historik": { go: async (page) => (await openDoor(page), await holdDown(page)) },
  "24-adresse-to-udgaver": { go: async (page) => (await openDoor(page, "B."), await holdDown(page)) },
  "24-adresse-ingen": { go: (page) => toAddress(page, "Lille Åge") },
  "24-adresse-skriv": { go: async (page) => (await to(page, "enter"), await page.locator("#address").fill("Prøvevej 8, st.\n9999 Prøveby"), await chip(page, "name_and_address"), await page.locator("#address-renew").fill("15.11.2027")) },
  "24-adresse-skriv-mangler": { go: async (page) => (await to(page, "enter", "Lille Åge"), await page.locator("#address-from").fill("31.2.2027"), await page.locator("[data-save]").click(), await page.waitForSelector(".err")) },
  "24-adresse-skrevet": { go: async (page) => (await to(page, "enter"), await page.locator("#address").fill("Prøvevej 8, st."), await chip(page, "special"), await page.locator("[data-save]").click(), await typePin(page), await page.waitForSelector(".notice.green")) },
  "24-adresse-frigiv": { go: async (page) => (await to(page, "release"), await chip(page, "Mikkel"), await chip(page, "tonight"), await chip(page, "move")) },
  "24-adresse-frigiv-dato": { go: async (page) => (await to(page, "release"), await chip(page, "Mikkel"), await chip(page, "move"), await chip(page, "date"), await page.locator("#release-until").fill("4.12.2026")) },
  "24-adresse-livsfare": { go: async (page) => (await to(page, "release"), await chip(page, "Mikkel"), await chip(page, "alone")) },
  "24-adresse-frigiv-ingen": { go: (page) => to(page, "release", FOX) },
  "24-adresse-hvem-har-set": { go: async (page) => (await to(page, "log"), await page.waitForSelector("[data-log-row]")) },
  "24-adresse-dpo": { wishes: { role: "dpo" }, go: (page) => toAddress(page, FOX) },
  "24-adresse-fejl": { go: async (page) => (await openCase(page), await page.waitForSelector('[data-open="address"]'), await page.evaluate(() => globalThis.pretend.failWith("vault.damaged")), await page.locator('[data-open="address"]').click(), await page.waitForSelector("[role=alert]")) },
};

const dress = (plans, base) =>
  Object.entries(plans).flatMap(([name, { wishes = {}, ...plan }]) => {
    const danish = { ...plan, wishes: { fox: FOX, ...base, ...wishes } };
    return [
      [name, { ...danish, at: PHONE }],
      [`${name}-en`, { ...danish, at: ["360", "360-200"], wishes: { ...danish.wishes, lang: "en" } }],
      ...(WIDE.includes(name) ? [[`${name}-bord`, { ...danish, desk: true, at: DESK }]] : []),
    ];
  });

export const ADDRESS_SCREENS = Object.fromEntries([...dress(MENTOR, unlocked), ...dress(COORDINATOR, coordinator)]);
