// Two worlds for the same story: the pretend app, and a real preview server with a real device behind it.
import { open, serve, SIZES } from "./world.mjs";

const PHONE = SIZES["360"];

/** drives the pretend app; the contact is read back from the pretend host */
export async function pretendDriver(chrome) {
  const server = await serve();
  return {
    name: "pretend",
    page: () => open(chrome, server.base, PHONE, { phase: "unlocked" }),
    people: async () => ["Falken", "Kastanje"],
    close: () => server.close(),
  };
}

/** drives a preview server: `base` and a fresh one-time `token` per page, a `secret` of a `kind` when it is locked */
export async function previewDriver(chrome, { base, token, secret, kind = "passphrase" }) {
  const context = await chrome.newContext({ viewport: { width: PHONE.width, height: PHONE.height }, hasTouch: true, isMobile: true, locale: "da-DK", timezoneId: "Europe/Copenhagen" });
  const page = await context.newPage();
  page.complaints = [];
  await page.goto(`${base}/#t=${encodeURIComponent(token)}`);
  await page.waitForSelector(".app");
  const unlock = async () => {
    if (!secret || !(await page.locator(".lock").count())) return;
    const field = page.locator("#phrase");
    if ((kind === "pin") === ((await field.count()) > 0)) await page.locator(".low .btn").first().click();
    if (kind === "pin") for (const digit of secret) await page.locator(".pad3 button", { hasText: digit }).click();
    else {
      await field.fill(secret);
      await page.locator(".phrase .primary").click();
    }
  };
  return {
    name: "preview",
    page: async () => {
      await unlock();
      await page.waitForSelector(".bar");
      if (await page.locator(".scrim").count()) await page.keyboard.press("Escape");
      await page.locator(".bar button").first().click();
      return page;
    },
    people: async () => (await page.locator(".tile").allInnerTexts()).slice(0, 2),
    close: () => context.close(),
  };
}
