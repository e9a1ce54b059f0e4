// What every browser test stands on: a tiny static server, a Chromium, and the pretend app opened in a wished-for world.
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { ADDRESS_SCREENS } from "./address-screens.mjs";
import { APPOINTMENT_SCREENS } from "./appointment-screens.mjs";
import { TEAM_SCREENS } from "./team-screens.mjs";
import { CASE_SCREENS } from "./case-screens.mjs";
import { DESK_SCREENS } from "./desk-screens.mjs";
import { logFalken, NEW_NOTE, openCase, row, toCases } from "./go.mjs";
import { HOUSE_SCREENS } from "./house-screens.mjs";
import { PEOPLE_SCREENS } from "./people-screens.mjs";

export { openCase, toCases };

export const here = dirname(fileURLToPath(import.meta.url));
export const built = join(here, "..", "test-results", "pretend");
/** a Tuesday, four minutes past one in Copenhagen */
export const NOON = new Date("2026-11-24T12:04:00Z");

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2" };
/** as strict as the app's own page */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

export async function serve(root = built) {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
    const file = join(root, path === "/" ? "index.html" : path);
    if (path === "/favicon.ico") return response.writeHead(204).end();
    if (!file.startsWith(root) || !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream", "Content-Security-Policy": POLICY, "Cache-Control": file.endsWith(".html") ? "no-store" : "max-age=3600" });
    createReadStream(file).pipe(response);
  });
  await new Promise((go) => server.listen(0, "127.0.0.1", go));
  return { base: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

export function browser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

export const SIZES = {
  "360": { width: 360, height: 640, phone: true },
  "390": { width: 390, height: 844, phone: true },
  "360-200": { width: 360, height: 640, phone: true, text: 200 },
  "360-dark": { width: 360, height: 640, phone: true, dark: true },
  "390-dark": { width: 390, height: 844, phone: true, dark: true },
  "1440": { width: 1440, height: 900, phone: false },
  "1024": { width: 1024, height: 768, phone: false },
  "1440-dark": { width: 1440, height: 900, phone: false, dark: true },
};
/** more of the wide screen: dark and small, text at twice the size, and the browser's own zoom at 200 % */
export const DESK_SIZES = {
  "1440": SIZES["1440"],
  "1024": SIZES["1024"],
  "1440-dark": SIZES["1440-dark"],
  "1024-dark": { width: 1024, height: 768, phone: false, dark: true },
  "1440-200": { width: 1440, height: 900, phone: false, text: 200 },
  "1440-zoom": { width: 720, height: 450, phone: false },
};

/** what a page stands in: a phone or a desk in Copenhagen */
export function place(chrome, size) {
  return chrome.newContext({
    viewport: { width: size.width, height: size.height }, deviceScaleFactor: 1, colorScheme: size.dark ? "dark" : "light",
    locale: "da-DK", timezoneId: "Europe/Copenhagen", hasTouch: size.phone, isMobile: size.phone, reducedMotion: "reduce",
  });
}

/** a page in its own context, at a size, with the clock at noon; console errors and policy breaches are gathered */
export async function open(chrome, base, size, wishes = {}) {
  return openIn(await place(chrome, size), base, size, wishes);
}

/** the same in a context that has been used before: the app keeps nothing in the browser, so only its cache is warm */
export async function openIn(context, base, size, wishes = {}) {
  const page = await context.newPage();
  await page.setViewportSize({ width: size.width, height: size.height });
  await page.emulateMedia({ colorScheme: size.dark ? "dark" : "light", reducedMotion: "reduce" });
  page.complaints = [];
  page.on("console", (m) => m.type() === "error" && page.complaints.push(m.text()));
  page.on("pageerror", (e) => page.complaints.push(String(e)));
  await page.clock.setFixedTime(NOON);
  const settings = [wishes.settings, size.text && `text:${size.text}`].filter(Boolean).join(",");
  await page.goto(`${base}/?${new URLSearchParams(settings ? { ...wishes, settings } : wishes)}`);
  await page.waitForSelector(".app");
  await page.evaluate(() => document.fonts.ready);
  return page;
}

/** starts the page again with a clock that the story moves, from the same noon: the hour of the machine decides nothing */
export async function wind(page) {
  await page.clock.install({ time: NOON });
  await page.goto(page.url());
}

export async function settle(page) {
  await page.waitForTimeout(80);
  await page.evaluate(() => document.fonts.ready);
}

const unlocked = { phase: "unlocked" };

/** every screen worth looking at, and how to get there; `desk` when it is looked at in the sizes of a desk, `at` when not in all of them */
export const SCREENS = {
  ...CASE_SCREENS,
  "01-laas": { wishes: {}, go: async (page) => (await page.locator(".pad3 button").nth(0).click(), await page.locator(".pad3 button").nth(1).click()), lock: false },
  "01-laas-vent": {
    wishes: { tries: "3" },
    go: async (page) => {
      for (let i = 0; i < 6; i++) await page.locator(".pad3 button").nth(8).click();
      await page.waitForSelector("[data-waiting=true]");
    },
    lock: false,
  },
  "01-laas-sidste": {
    wishes: { tries: "8" },
    go: async (page) => {
      for (let i = 0; i < 6; i++) await page.locator(".pad3 button").nth(8).click();
      await page.waitForSelector("[data-waiting=true]");
    },
    lock: false,
  },
  "01-laas-saetning": { wishes: { secret: "passphrase" }, go: async () => {}, lock: false },
  ...HOUSE_SCREENS,
  "02-i-dag": { wishes: unlocked, go: async (page) => page.waitForSelector(".tile") },
  "02-i-dag-tom": { wishes: { ...unlocked, cases: "0" }, go: async (page) => page.waitForSelector(".empty") },
  "03-forloeb": { wishes: unlocked, go: async (page) => (await toCases(page), await page.waitForSelector(".caserow, .deskrow")) },
  "03-forloeb-henter": { wishes: { ...unlocked, slow: "60000" }, go: async (page) => (await toCases(page), await page.waitForSelector(".skel")) },
  "03-forloeb-fejl": { wishes: { ...unlocked, fail: "vault.damaged" }, go: async (page) => (await toCases(page), await page.waitForSelector("[role=alert]")) },
  "04-et-forloeb": { wishes: unlocked, go: (page) => openCase(page) },
  "04-modstrid": { wishes: unlocked, go: (page) => openCase(page, "B.") },
  "06-log-moede": { wishes: unlocked, go: async (page) => (await logFalken(page), await page.waitForSelector(".change")), sheet: true },
  "06-log-ret": {
    wishes: unlocked,
    go: async (page) => (await logFalken(page), await page.locator(".change").click()),
    sheet: true,
  },
  "06b-gemt": {
    wishes: unlocked,
    go: async (page) => (await openCase(page), await page.locator('.actions [data-log], .compose [data-log]').click(), await page.waitForSelector(".change"), await page.locator("[data-save]").click(), await page.waitForSelector(".snack")),
  },
  "07-note": {
    wishes: unlocked,
    go: async (page) => {
      await openCase(page);
      await page.locator(".draft").click();
      await page.waitForFunction(() => document.querySelector("textarea")?.value.length > 10);
      await page.evaluate(() => globalThis.pretend.othersWrite("n1", "Nøglen får han først mandag. Viceværten ringer."));
      await page.waitForSelector(".voice");
    },
  },
  "07-note-ny": {
    wishes: unlocked,
    go: async (page) => (await openCase(page), await page.locator(NEW_NOTE).click(), await page.waitForSelector("textarea")),
  },
  "07-note-fuld": {
    wishes: unlocked,
    go: async (page) => {
      await openCase(page);
      await page.locator(NEW_NOTE).click();
      await page.evaluate(() => globalThis.pretend.failWith("vault.full"));
      await page.locator("textarea").pressSequentially("Han gik rundt og målte op til et bord.");
      await page.waitForSelector("[role=alert]");
    },
  },
  "12-synk": { wishes: unlocked, go: async (page) => (await toCases(page), await page.locator(".state").first().click(), await page.waitForSelector(".leg")), sheet: true },
  "12-synk-sendt": { wishes: { ...unlocked, sync: "all_sent" }, go: async (page) => (await page.locator(".state").first().click(), await page.waitForSelector(".leg")), sheet: true },
  "12-synk-72t": { wishes: { ...unlocked, sync: "stale_72h" }, go: async (page) => (await page.locator(".state").first().click(), await page.waitForSelector(".leg")), sheet: true },
  "12-synk-tavs": { wishes: { ...unlocked, sync: "unheard" }, go: async (page) => (await page.locator(".state").first().click(), await page.waitForSelector(".leg")), sheet: true },
  "12-synk-aldrig": { wishes: { ...unlocked, sync: "never" }, go: async (page) => (await page.locator(".state").first().click(), await page.waitForSelector(".leg")), sheet: true },
  "02-today-en": { wishes: { ...unlocked, lang: "en" }, go: async (page) => page.waitForSelector(".tile") },
  "04-case-en": { wishes: { ...unlocked, lang: "en" }, go: (page) => openCase(page) },
  ...DESK_SCREENS,
  ...PEOPLE_SCREENS,
  ...ADDRESS_SCREENS,
  ...TEAM_SCREENS,
  ...APPOINTMENT_SCREENS,
};

/** stories that open their own pages, told one after another; what failed is named with where */
export async function tellEach(chrome, stories) {
  const server = await serve();
  const failed = [];
  for (const story of stories) {
    try {
      await story(chrome, server.base);
    } catch (thrown) {
      failed.push(`${story.name}: ${thrown.stack}`);
    }
  }
  server.close();
  return { told: stories.length, failed };
}
