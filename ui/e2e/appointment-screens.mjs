// Appointments, as pictures: what came of one, the diary, a new one, one that is moved or called off.
import { openCase } from "./go.mjs";

const unlocked = { phase: "unlocked", agreed: "1" };
const PHONE = ["360", "390", "360-200", "390-dark"];
const today = (page) => page.waitForSelector("[data-agreed]");
export const openAgreed = async (page, id = "a2") => (await today(page), await page.locator(`[data-agreed="${id}"]`).click(), await page.waitForSelector(".sheet"));

const PLANS = {
  "27-aftaler": { go: today },
  "27-aftaler-ned": { go: async (page) => (await today(page), await page.locator('[data-add="appointment"]').scrollIntoViewIfNeeded()) },
  "27-aftale-ny": { go: async (page) => (await today(page), await page.locator('[data-add="appointment"]').click(), await page.locator('.sheet [data-person="c1"]').click()), sheet: true },
  "27-aftale-ny-mangler": { go: async (page) => (await today(page), await page.locator('[data-add="appointment"]').click(), await page.locator(".sheet [data-save]").click(), await page.waitForSelector(".sheet [role=alert]")), sheet: true },
  "27-aftale-en": { go: (page) => openAgreed(page), sheet: true },
  "27-aftale-flyt": { go: async (page) => (await openAgreed(page), await page.locator("[data-move]").click(), await page.locator(".sheet [data-day]").nth(1).click()), sheet: true },
  "27-aftale-aflys": { go: async (page) => (await today(page), await page.locator('[data-answer="cancel"]').click(), await page.waitForSelector("[data-why]")), sheet: true },
  "27-aftale-forloeb": { go: async (page) => (await openCase(page), await today(page), await page.locator("[data-agreed]").scrollIntoViewIfNeeded()) },
};
const WIDE = ["27-aftaler", "27-aftale-ny", "27-aftale-forloeb"];

export const APPOINTMENT_SCREENS = Object.fromEntries(
  Object.entries(PLANS).flatMap(([name, plan]) => [
    [name, { ...plan, wishes: unlocked, at: PHONE }],
    [`${name}-eng`, { ...plan, wishes: { ...unlocked, lang: "en" }, at: ["360", "360-200"] }],
    ...(WIDE.includes(name) ? [[`${name}-bord`, { ...plan, wishes: unlocked, desk: true, at: ["1440", "1440-dark", "1440-200"] }]] : []),
  ]),
);
