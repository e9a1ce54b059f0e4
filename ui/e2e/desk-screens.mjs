// The wide screen as pictures: list, case in panes, conflicts, keys, in both languages.
import { openCase, toCases } from "./go.mjs";

const unlocked = { phase: "unlocked" };
const PHONE = ["360", "390", "360-200", "360-dark", "390-dark"];
const NO_ZOOM = ["1440", "1024", "1440-dark", "1024-dark", "1440-200"];
const calm = { ...unlocked, role: "coordinator", conflicts: "4" };
const coordinator = { ...calm, conflicts: "8" };
const press = async (page, keys) => {
  for (const key of keys) await page.keyboard.press(key);
};
/** G and K, again while the page is still reading whether single letters are on */
async function toConflicts(page) {
  for (let i = 0; i < 50 && !(await page.locator(".conflict, .empty").count()); i++) {
    await press(page, ["g", "k"]);
    await page.waitForTimeout(100);
  }
}
/** the date that two set differently */
const B_DUE = /^\s*B\.[^]*([Dd]atoe|[Dd]ate)/;

/** the first in the list of conflicts that says so, in either layout */
async function conflict(page, alias) {
  if (await page.locator(".desk").count()) await page.locator('[data-place="conflicts"]').click();
  else await toConflicts(page);
  await page.waitForSelector(".conflict");
  if (!alias) return;
  const found = page.locator(".qi", { hasText: alias }).first();
  if (await found.isVisible()) return found.click();
  const named = page.locator(".conflict", { hasText: alias });
  for (let i = 0; i < 10 && !(await named.count()); i++) await page.keyboard.press("j");
}

/** the wide screen, at the sizes of a desk */
const DESK = {
  "18-forloeb-desktop": { wishes: calm, go: (page) => openCase(page) },
  "18-forloeb-modstrid": { wishes: coordinator, go: (page) => openCase(page) },
  "18-forloeb-desktop-en": { wishes: { ...calm, lang: "en" }, go: (page) => openCase(page) },
  "18-forloeb-note": { wishes: calm, go: async (page) => (await openCase(page), await page.locator(".draft").first().click(), await page.waitForSelector("textarea")) },
  "18-forloeb-gemt": { wishes: calm, go: async (page) => (await openCase(page), await page.locator(".compose [data-log], .actions [data-log]").click(), await page.locator("[data-save]").click(), await page.waitForSelector(".snack")) },
  "18-liste": { wishes: calm, go: async (page) => (await toCases(page), await page.waitForSelector(".deskrow, .caserow")) },
  "18-liste-fundet": { wishes: coordinator, go: async (page) => (await toCases(page), await page.locator("[data-find]").fill("åge")), at: NO_ZOOM },
  "18-liste-tom": { wishes: { ...coordinator, cases: "0", conflicts: "" }, go: async (page) => (await toCases(page), await page.waitForSelector(".empty")) },
  "18-nyt-forloeb": { wishes: coordinator, go: async (page) => (await toCases(page), await page.locator("[data-new]").click(), await page.locator("#alias").fill("Falken"), await page.locator("#born").fill("99"), await page.locator("[data-make]").click()), sheet: true, at: NO_ZOOM },
  "14-modstrid": { wishes: coordinator, go: (page) => conflict(page, B_DUE) },
  "14-modstrid-en": { wishes: { ...coordinator, lang: "en" }, go: (page) => conflict(page, B_DUE) },
  "14-modstrid-tre": { wishes: coordinator, go: (page) => conflict(page, /^\s*(🦊|Sømanden)/) },
  "14-modstrid-trin": { wishes: coordinator, go: (page) => conflict(page, /^\s*Ø(?!z)/) },
  "14-modstrid-valgt": { wishes: coordinator, go: async (page) => (await conflict(page, B_DUE), await page.locator('[data-keep="2"]').first().click(), await page.waitForSelector(".told")) },
  "14-modstrid-fortrudt": { wishes: coordinator, go: async (page) => (await conflict(page, B_DUE), await page.locator('[data-keep="2"]').first().click(), await page.locator(".told [data-undo]").click(), await page.waitForFunction(() => document.querySelector(".told")?.textContent.match(/Fortrudt|Undone/))) },
  "14-modstrid-mange": { wishes: { ...coordinator, conflicts: "73" }, go: async (page) => (await conflict(page), (await page.locator("[data-more]").isVisible()) ? await page.locator("[data-more]").click() : await press(page, Array(50).fill("j"))) },
  "14-modstrid-tom": { wishes: { ...coordinator, cases: "2", conflicts: "" }, go: async (page) => (await toConflicts(page), await page.waitForSelector(".empty")) },
  "18-taster": { wishes: coordinator, go: async (page) => (await page.waitForSelector(".app"), await page.waitForTimeout(100), await page.keyboard.press("?"), await page.waitForSelector(".groups")), sheet: true },
};
/** the same list as a mentor may see it on a phone */
const telephone = { wishes: { ...unlocked, conflicts: "8" }, at: PHONE };

export const DESK_SCREENS = {
  ...Object.fromEntries(Object.entries(DESK).map(([name, plan]) => [name, { ...plan, desk: true }])),
  "14-modstrid-telefon": { ...telephone, go: (page) => conflict(page) },
  "14-modstrid-telefon-valgt": { ...telephone, go: async (page) => (await conflict(page), await page.locator('[data-keep="1"]').first().click(), await page.waitForSelector(".told")) },
};
