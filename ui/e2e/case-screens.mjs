// One case further, as pictures: support, promises, history, search, and their sheets, in both languages.
import { openCase, toCases } from "./go.mjs";

const unlocked = { phase: "unlocked" };
const PHONE = ["360", "390", "360-200", "390-dark"];
const BOTH = [...PHONE, "1440", "1024"];

export async function openOffers(page, alias = "Falken") {
  await openCase(page, alias);
  await page.locator('[data-open="offers"]').click();
  await page.waitForSelector(".of [data-offer]");
}

const unfold = (page, kind) => page.locator(`[data-offer="${kind}"] .o`).click();

async function type(page, text) {
  await page.locator("[data-search]").first().click();
  await page.locator("search input").fill(text);
  await page.waitForSelector(text === "xyzzy" ? ".empty" : "[data-hit]");
}

const ways = {
  "05-indsatser": { go: (page) => openOffers(page), at: BOTH },
  "05-indsats": { go: async (page) => (await openOffers(page), await unfold(page, "relocation"), await page.waitForSelector(".rungs")), at: BOTH },
  "05-skridt-mere": { go: async (page) => (await openOffers(page), await unfold(page, "relocation"), await page.locator("[data-usual]").click(), await page.locator("[data-usual]").scrollIntoViewIfNeeded()) },
  "05-modstrid": { go: async (page) => (await openOffers(page, "B."), await unfold(page, "therapy"), await page.waitForSelector(".voice")) },
  "05-status": { go: async (page) => (await openOffers(page), await unfold(page, "relocation"), await page.locator("[data-set]").click(), await page.waitForSelector("[data-status]")), sheet: true },
  "05-skridt": { go: async (page) => (await openOffers(page), await unfold(page, "relocation"), await page.locator('[data-step="s3"] .words').click(), await page.waitForSelector("[data-remove]")), sheet: true },
  "05-nyt-skridt": { go: async (page) => (await openOffers(page), await unfold(page, "relocation"), await page.locator('[data-add="step"]').click(), await page.waitForSelector("[data-owner]")), sheet: true },
  "05-sat": { go: async (page) => (await openOffers(page), await unfold(page, "therapy"), await page.locator("[data-set]").click(), await page.locator('[data-status="running"]').click(), await page.waitForSelector(".snack")) },
  "20-loefte": { go: async (page) => (await openCase(page), await page.locator('[data-add="promise"]').click(), await page.waitForSelector("[data-day]")), sheet: true, at: BOTH },
  "20-loefte-hvem": { go: async (page) => (await page.locator('[data-add="promise"]').click(), await page.waitForSelector("[data-person]")), sheet: true },
  "20-loefte-mangler": { go: async (page) => (await page.locator('[data-add="promise"]').click(), await page.waitForSelector("[data-person]"), await page.locator("[data-save]").click(), await page.waitForSelector(".err")), sheet: true },
  "20-opgave": { go: async (page) => (await openCase(page), await page.locator('[data-item="t1"] .words').click(), await page.waitForSelector("[data-remove]")), sheet: true, at: BOTH },
  "20-gjort": { go: async (page) => (await openCase(page), await page.locator('[data-item="t1"] .tick').click(), await page.waitForSelector(".snack"), await page.locator(".gone[aria-expanded]").click(), await page.waitForTimeout(700)) },
  "04-post": { go: async (page) => (await openCase(page), await page.locator('[data-entry="meeting"] .iconbtn').first().click(), await page.waitForSelector("[data-remove]")), sheet: true },
  "04-fjernet": { go: async (page) => (await openCase(page), await page.locator('[data-entry="meeting"] .iconbtn').first().click(), await page.locator("[data-remove]").click(), await page.waitForSelector(".snack")) },
  "19-historik": { go: async (page) => (await openCase(page), await page.locator('[data-open="history"]').click(), await page.waitForSelector("[data-act]")), at: BOTH },
  "19-historik-tom": { wishes: { world: "0" }, go: async (page) => (await openCase(page, "Lille Åge"), await page.locator('[data-open="history"]').click(), await page.waitForSelector(".empty")) },
  "11-soeg": { go: async (page) => type(page, "noegle"), at: BOTH },
  "11-soeg-tom": { go: async (page) => page.locator("[data-search]").first().click() },
  "11-soeg-intet": { go: async (page) => type(page, "xyzzy") },
  "e37-navnebroedre": { wishes: { world: "namesakes" }, go: async (page) => (await toCases(page), await page.waitForSelector("[data-mark]")), at: BOTH },
  "e37-i-dag": { wishes: { world: "namesakes" }, go: (page) => page.waitForSelector("[data-mark]") },
  "e37-log": { wishes: { world: "namesakes" }, go: async (page) => (await page.locator(".tile").nth(2).click(), await page.waitForSelector(".sheet [data-mark]")), sheet: true },
  "e37-soeg": { wishes: { world: "namesakes" }, go: async (page) => type(page, "nøgle") },
  "e07-ure": { wishes: { world: "clocks" }, go: async (page) => (await openCase(page), await page.waitForSelector("[data-set-time]"), await page.locator("[data-set-time]").scrollIntoViewIfNeeded()), at: BOTH },
  "e08-tidspunkt": { wishes: { world: "clocks" }, go: async (page) => (await openCase(page), await page.locator("[data-set-time]").click(), await page.waitForSelector(".sheet .stepper")), sheet: true, at: BOTH },
  "x01-to-udgaver": { wishes: { world: "clocks" }, go: async (page) => (await openCase(page), await page.locator("[data-entry=note] .open", { hasText: "lørdagmandag" }).click(), await page.waitForSelector("section.both .voice")), at: BOTH },
  "e38-ingen": { wishes: { world: "0" }, go: (page) => openCase(page, "Lille Åge") },
};

export const CASE_SCREENS = Object.fromEntries(
  Object.entries(ways).flatMap(([name, plan]) => {
    const { wishes = {}, at = PHONE, ...rest } = plan;
    const da = { ...rest, at, wishes: { ...unlocked, ...wishes } };
    return [[name, da], [`${name}-en`, { ...da, at: ["360", "360-200", "390-dark"], wishes: { ...da.wishes, lang: "en" } }]];
  }),
);
