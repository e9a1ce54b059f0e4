// Who reads a case, as pictures: the list, taking out, giving, handing over, what waits.
import { openCase } from "./go.mjs";
import { toPeople } from "./people-screens.mjs";

const mentor = { phase: "unlocked" };
const coordinator = { ...mentor, role: "coordinator", conflicts: "4" };

export async function toTeam(page, alias = "Falken") {
  await openCase(page, alias);
  await page.locator('[data-open="team"]').click();
  await page.waitForSelector("[data-reader]");
}

export const pick = (page, key) => page.locator(`[data-chip="${key}"]`).click();

const PLANS = {
  "25-hold": { go: (page) => toTeam(page) },
  "25-hold-mentor": { wishes: mentor, go: (page) => toTeam(page) },
  "25-hold-tag-ud": { go: async (page) => (await toTeam(page), await page.locator('[data-reader="m-d2"] [data-ask]').click(), await page.waitForSelector("[data-take]")) },
  "25-hold-sidste": { go: async (page) => (await toTeam(page), await page.locator("[data-reader] [data-ask]").last().click(), await page.locator("[data-take]").click(), await page.waitForSelector("[role=alert]")) },
  "25-hold-giv": { go: async (page) => (await toTeam(page, "Kastanje"), await pick(page, "m-d3"), await pick(page, "week"), await page.locator("[data-after]").scrollIntoViewIfNeeded()) },
  "25-hold-overdrag": { go: async (page) => (await toTeam(page, "Kastanje"), await pick(page, "m-d3"), await pick(page, "instead"), await pick(page, "m-d2"), await pick(page, "7"), await page.locator("[data-after]").scrollIntoViewIfNeeded()) },
  "25-hold-givet": { go: async (page) => (await toTeam(page, "Kastanje"), await pick(page, "m-d3"), await page.locator("[data-give]").click(), await page.waitForSelector("[data-told]")) },
  "26-slut": { go: async (page) => (await toTeam(page, "Kastanje"), await page.locator("[data-ending]").scrollIntoViewIfNeeded()) },
  "26-slut-tilbageholdt": { wishes: { ...coordinator, endings: "1" }, go: async (page) => (await toTeam(page), await page.waitForSelector("[data-held]"), await page.locator("[data-ending]").scrollIntoViewIfNeeded()) },
  "26-slut-slet": { go: async (page) => (await toTeam(page, "Kastanje"), await pick(page, "candidate"), await page.locator("[data-erase]").click(), await page.waitForSelector(".sheet .pad3")), sheet: true },
  "26-slut-liste": { wishes: { ...coordinator, endings: "1" }, go: async (page) => (await toPeople(page), await page.waitForSelector("[data-ends]"), await page.locator("[data-ends]").first().scrollIntoViewIfNeeded()) },
  "25-hold-fejl": { go: async (page) => (await openCase(page), await page.waitForSelector('[data-open="team"]'), await page.evaluate(() => globalThis.pretend.failWith("vault.damaged")), await page.locator('[data-open="team"]').click(), await page.waitForSelector("[role=alert]")) },
};
const WIDE = ["25-hold", "25-hold-tag-ud", "25-hold-overdrag", "26-slut", "26-slut-slet", "26-slut-liste"];

export const TEAM_SCREENS = Object.fromEntries(
  Object.entries(PLANS).flatMap(([name, { wishes = coordinator, ...plan }]) => [
    [name, { ...plan, wishes, at: ["360", "390", "360-200", "390-dark"] }],
    [`${name}-en`, { ...plan, wishes: { ...wishes, lang: "en" }, at: ["360", "360-200"] }],
    ...(WIDE.includes(name) ? [[`${name}-bord`, { ...plan, wishes, desk: true, at: ["1440", "1440-dark", "1440-200"] }]] : []),
  ]),
);
