// The screens of the device itself: first run, settings, help, about, report, and how other screens look when it is set otherwise.
import { toCases } from "./go.mjs";

const unlocked = { phase: "unlocked" };
const fresh = { phase: "fresh" };
export const INVITATION = "bb1-hQFYIFq3dVJ0nKxq9kXlYw5c3Jt1bH9uQ2VdT8zM0aLrBvNe";
export const OWN_WORDS = "kastanje under lygte 7 hver fredag";

const AT = ["360", "360-200", "360-dark", "1440", "1024"];
const EN = ["360", "360-200", "1440"];

export const next = (page) => page.locator(".actions .primary").click();
const button = (page, way) => page.locator(`[data-way="${way}"]`).click();

export async function toInvitation(page) {
  await button(page, "join");
  await page.waitForSelector("textarea");
}

export async function toPlace(page, server = "https://bro.example") {
  await button(page, "create");
  await page.waitForSelector("input[type=url]");
  const [at, name, person] = await page.locator("input").all();
  await at.fill(server);
  await name.fill("Ådal exitenhed");
  await person.fill("Hanne Østergård");
}

export async function toSecret(page) {
  await toInvitation(page);
  await page.locator("textarea").fill(INVITATION);
  await next(page);
  await page.waitForSelector("[data-secret]");
}

/** gives the words that were proposed */
export async function toRepeat(page) {
  const words = await page.locator("[data-secret]").innerText();
  await next(page);
  await page.waitForSelector("input[type=password]");
  return words;
}

export async function repeat(page, words) {
  await page.locator("input[type=password]").fill(words);
  await next(page);
}

export async function toDuress(page) {
  await toSettings(page);
  await page.locator("[data-choose]").click();
  await page.waitForSelector(".sheet form");
}

/** with the code of the pretend device, or another one that is wrong */
export async function chooseDuress(page, first = "123456", second = "en anden vej ind som man giver fra sig") {
  await page.locator(".sheet [role=checkbox]").click();
  const [now, other, again] = await page.locator(".sheet input").all();
  await now.fill(first);
  await other.fill(second);
  await again.fill(second);
  await page.locator(".sheet [data-go]").click();
}

export async function toSettings(page) {
  await page.locator("[data-settings], [data-place=settings]").first().click();
  await page.waitForSelector(".pick");
  await page.waitForSelector(".told");
}

async function go(page, where, selector) {
  await toSettings(page);
  await page.locator(`[data-go="${where}"]`).click();
  await page.waitForSelector(selector);
}

const help = (key) => async (page) => {
  await go(page, "help", "[data-page]");
  if (key) await page.locator(`[data-page="${key}"]`).click();
};

const people = async (page) => (await toCases(page), await page.waitForSelector(".caserow, .deskrow"));

const OWN = {
  "00-ny-enhed": { wishes: fresh, go: async () => {}, lock: false },
  "00-ny-efter-spaerring": { wishes: { ...fresh, ended: "device.wiped" }, go: async () => {}, lock: false },
  "00-ny-invitation": { wishes: fresh, go: toInvitation, lock: false },
  "00-ny-invitation-forkert": {
    wishes: fresh, lock: false,
    go: async (page) => (await toInvitation(page), await page.locator("textarea").fill("hej Åse, her er den"), await next(page), await page.waitForSelector(".err")),
  },
  "00-ny-sted": { wishes: fresh, go: toPlace, lock: false },
  "00-ny-sted-forkert": { wishes: fresh, lock: false, go: async (page) => (await toPlace(page, "http://bro.example"), await next(page), await page.waitForSelector(".err")) },
  "00-ny-saetning": { wishes: fresh, go: toSecret, lock: false },
  "00-ny-saetning-egen": {
    wishes: fresh, lock: false,
    go: async (page) => (await toSecret(page), await page.locator(".step .quiet").click(), await page.locator("input").fill("hund"), await next(page), await page.waitForSelector(".err")),
  },
  "00-ny-gentag": { wishes: fresh, lock: false, go: async (page) => (await toSecret(page), await toRepeat(page), await repeat(page, "noget andet"), await page.waitForSelector(".err")) },
  "00-ny-uden-net": {
    wishes: fresh, lock: false,
    go: async (page) => {
      await toSecret(page);
      const words = await toRepeat(page);
      await page.evaluate(() => globalThis.pretend.failWith("net.offline"));
      await repeat(page, words);
      await page.waitForSelector("[role=alert]");
    },
  },
  "00-ny-venter": { wishes: { phase: "waiting" }, go: (page) => page.waitForSelector(".groups"), lock: false },
  "20-indstillinger": { wishes: unlocked, go: toSettings },
  "20-noedkode": { wishes: unlocked, go: async (page) => (await toDuress(page)), sheet: true },
  "20-noedkode-forkert": { wishes: unlocked, go: async (page) => (await toDuress(page), await chooseDuress(page, "en helt forkert kode"), await page.waitForSelector(".sheet [role=alert]")), sheet: true },
  "20-noedkode-valgt": { wishes: unlocked, go: async (page) => (await toDuress(page), await chooseDuress(page), await page.waitForSelector('[data-duress="chosen"]'), await page.locator("[data-duress]").scrollIntoViewIfNeeded()) },
  "21-hjaelp": { wishes: unlocked, go: help(null) },
  "21-hjaelp-tryk": { wishes: unlocked, go: help("taps") },
  "21-hjaelp-prikker": { wishes: unlocked, go: help("dots") },
  "21-hjaelp-taster": { wishes: unlocked, go: help("keys") },
  "21-hjaelp-kan-ikke": { wishes: unlocked, go: help("limits") },
  "22-om": { wishes: unlocked, go: (page) => go(page, "about", ".groups") },
  "23-rapport": { wishes: unlocked, go: (page) => go(page, "report", "[data-report]") },
  "23-rapport-gemt": { wishes: unlocked, go: async (page) => (await go(page, "report", "[data-report]"), await page.locator("[data-save]").click(), await page.waitForSelector(".green")) },
  "24-kun-laese": { wishes: { ...unlocked, readonly: "1" }, go: people },
  "24-aeldre-kopi": { wishes: { ...unlocked, restored: "1" }, go: people },
};

const english = ([name, plan]) => [`${name}-en`, { ...plan, wishes: { ...plan.wishes, lang: "en" }, at: EN }];
const set = (settings, plan, at) => ({ ...plan, wishes: { ...plan.wishes, settings }, at });

export const HOUSE_SCREENS = {
  ...Object.fromEntries(Object.entries(OWN).map(([name, plan]) => [name, { ...plan, at: AT }])),
  ...Object.fromEntries(Object.entries(OWN).map(english)),
  "22-om-licenser": { wishes: unlocked, go: async (page) => (await go(page, "about", ".groups"), await page.locator("summary").click(), await page.locator(".licences li").last().scrollIntoViewIfNeeded()), at: ["360", "360-200"] },
  "25-venstre-forloeb": set("hand:left", { wishes: unlocked, go: people }, ["360", "390", "360-200"]),
  "25-venstre-i-dag": set("hand:left", { wishes: unlocked, go: (page) => page.waitForSelector(".tile") }, ["360", "390"]),
  "25-venstre-indstillinger": set("hand:left", OWN["20-indstillinger"], ["360", "390"]),
  "26-sollys-forloeb": set("contrast:more", { wishes: unlocked, go: people }, ["360", "390", "360-dark"]),
  "26-sollys-indstillinger": set("contrast:more", OWN["20-indstillinger"], ["360", "390", "360-dark"]),
  "26-sollys-ny-enhed": set("contrast:more", OWN["00-ny-saetning"], ["360", "360-dark"]),
  "26-sollys-laas": set("contrast:more,theme:dark,text:125", { wishes: {}, go: (page) => page.waitForSelector(".pad3"), lock: false }, ["360", "390"]),
};
