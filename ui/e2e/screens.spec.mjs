// Every screen at every size: nothing sideways, nothing too small to hit, nothing a screen reader stumbles on.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { inSunlightEveryTextHasSevenToOne, withinTheThumbsReach } from "./rules.spec.mjs";
import { browser, DESK_SIZES, here, openIn, place, SCREENS, serve, settle, SIZES } from "./world.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** runs in the page: what is wrong with how it lies */
function lies({ phone, lock, sheet }) {
  const out = [];
  const [W, H] = [innerWidth, innerHeight];
  const name = (e) => `${e.tagName.toLowerCase()}.${[...e.classList].join(".")} “${(e.textContent ?? "").trim().slice(0, 24)}”`;
  if (document.documentElement.scrollWidth > W) out.push(`page scrolls sideways, ${document.documentElement.scrollWidth} in ${W}`);
  const shown = (e) => {
    const r = e.getBoundingClientRect();
    return r.width > 1 && r.height > 1 && getComputedStyle(e).visibility !== "hidden" && !e.closest(".vh");
  };
  const scope = sheet ? document.querySelector(".over") : document.body;
  for (const e of scope.querySelectorAll("*")) {
    if (!shown(e) || e.closest("svg")) continue;
    const r = e.getBoundingClientRect();
    if (r.right > W + 1 || r.left < -1) out.push(`outside: ${name(e)} ${Math.round(r.left)}..${Math.round(r.right)}`);
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const s = getComputedStyle(e);
    if (own && s.display !== "inline" && e.scrollWidth > e.clientWidth + 1 && s.textOverflow !== "ellipsis" && !e.matches("textarea, input")) out.push(`text wider than its box: ${name(e)}`);
  }
  const least = phone ? 48 : 44;
  for (const e of scope.querySelectorAll("button, input, [role=checkbox], [role=radio]")) {
    if (!shown(e)) continue;
    const r = e.getBoundingClientRect();
    const around = (pseudo) => {
      const p = getComputedStyle(e, pseudo);
      if (p.content === "none" || p.position !== "absolute") return [0, 0];
      return [Math.max(0, -parseFloat(p.top) || 0) + Math.max(0, -parseFloat(p.bottom) || 0), Math.max(0, -parseFloat(p.left) || 0) + Math.max(0, -parseFloat(p.right) || 0)];
    };
    const [more, wider] = [around("::before"), around("::after")].reduce((a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1])]);
    if (r.height + more < least - 0.5 || r.width + wider < least - 0.5) out.push(`small target ${Math.round(r.width)}×${Math.round(r.height)}: ${name(e)}`);
  }
  if (lock && !sheet) {
    const l = document.querySelector("[data-lock]")?.getBoundingClientRect();
    const rail = document.querySelector(".desk > nav")?.getBoundingClientRect();
    const app = document.querySelector(".app")?.getBoundingClientRect();
    const above = document.querySelector(".only-read")?.getBoundingClientRect().height ?? 0;
    if (rail ? !l || l.right > rail.right : !l || l.top - above > 80 || l.right < Math.min(W, app.right) - 40) out.push("no lock button where it always is");
    const line = document.querySelector(".state")?.getBoundingClientRect();
    if (!line || (line.bottom > H && !rail) || line.top < H / 2) out.push("no state line at the foot");
  }
  if (document.title !== "Notér") out.push(`the title says ${document.title}`);
  if (!document.querySelector(".demo")) out.push("no mark of synthetic data");
  if (document.querySelectorAll(".card").length > 1) out.push("more than one card");
  return [...new Set(out)];
}

/** runs in the page: every field in which one writes says that nothing is filled in, corrected, checked or gone on with elsewhere; the first letter is large only in words and sentences */
export function noFieldIsFilledInCorrectedOrCheckedElsewhere() {
  const fields = [...document.querySelectorAll("input, textarea, [contenteditable]")].filter((e) => !e.matches("[type=radio], [type=checkbox]"));
  const quiet = { autocomplete: ["off"], autocorrect: ["off"], spellcheck: ["false"], writingsuggestions: ["false"], autocapitalize: ["none", "words", "sentences"] };
  const secret = (e) => e.matches("[type=password], [type=url], [inputmode=search], [type=search]");
  return fields.flatMap((e) =>
    Object.entries(secret(e) ? { ...quiet, autocapitalize: ["none"] } : quiet)
      .filter(([name, words]) => !words.includes(e.getAttribute(name)))
      .map(([name]) => `field ${e.id || e.className} has ${name}=${e.getAttribute(name)}`),
  );
}

const LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** what depends on where things lie, and not only on what they are */
const LAID_OUT = ["color-contrast", "target-size", "scrollable-region-focusable"];

/** `again`: the same page in the same colours was heard before, at another size */
async function accessible(page, scrolls, again) {
  if (await page.evaluate(() => globalThis.axe === undefined)) await page.evaluate(`${axe}; 0`);
  // a target half under the sticky Gem scrolls clear of it; axe sees only the half
  const rules = scrolls ? { "target-size": { enabled: false } } : {};
  const runOnly = again ? { type: "rule", values: LAID_OUT.filter((rule) => !(rule in rules)) } : LEVELS;
  const { violations } = await page.evaluate((options) => globalThis.axe.run(document, { ...options, resultTypes: ["violations"] }), again ? { runOnly } : { runOnly, rules });
  return violations.map((v) => `axe ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")}`);
}

/** what some screens must also show without scrolling at 360×640 */
const IN_SIGHT = {
  "03-forloeb": [".caserow:nth-child(8)"],
  "04-et-forloeb": [".who h1", ".bridge", ".facts", ".actions .primary"],
  "06-log-moede": ["[data-save]", '[data-key="other"]'],
  "02-i-dag": [".tile:nth-child(8)"],
};

/** sizes between which the same page only changes its clothes and its room: one visit looks at all of them */
const visit = (size) => (size.phone ? "phone" : `desk ${size.width} ${size.text ?? 100}`);

/** the open page at another of its sizes */
async function dress(page, size) {
  await page.setViewportSize({ width: size.width, height: size.height });
  await page.emulateMedia({ colorScheme: size.dark ? "dark" : "light" });
  await page.evaluate((text) => (text ? (document.documentElement.dataset.text = text) : delete document.documentElement.dataset.text), size.text ?? null);
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((moving) => moving.effect?.getComputedTiming().endTime < Infinity).map((moving) => moving.finished)));
}

async function look(page, { screen, plan, tag, size }, heard) {
  const wrong = await page.evaluate(noFieldIsFilledInCorrectedOrCheckedElsewhere);
  wrong.push(...(await page.evaluate(lies, { phone: size.phone, lock: plan.lock !== false && plan.wishes.phase !== "fresh", sheet: plan.sheet === true })));
  // the same page in the same colours says the same to a screen reader at every size; how it lies is asked at each
  const said = await page.evaluate(() => document.documentElement.outerHTML).then((html) => `${size.dark ?? false}${html.replaceAll(/ data-text="[0-9]+"/g, "")}`);
  wrong.push(...(await accessible(page, plan.sheet === true && tag === "360-200", heard.has(said))));
  heard.add(said);
  const must = tag === "360" ? (IN_SIGHT[screen] ?? []) : tag === "360-200" && screen === "06-log-moede" ? ["[data-save]"] : [];
  for (const selector of must) {
    const box = await page.locator(selector).first().boundingBox();
    const foot = plan.sheet || selector.includes("actions") ? null : await page.locator(".foot").first().boundingBox();
    if (!box || box.y + box.height > (foot?.y ?? size.height) + 1) wrong.push(`not in sight without scrolling: ${selector}`);
  }
  return wrong;
}

/** what is asked of a screen once in each visit, at sizes, hands and colours of its own; English looks the same in sunlight */
async function ruled(page, { screen, plan, size }) {
  if (size.text || plan.wishes.settings) return [];
  const wrong = size.phone ? await withinTheThumbsReach(page, [SIZES["360"], SIZES["390"]]) : [];
  if (!screen.endsWith("-en") && (size.phone || plan.desk)) wrong.push(...(await inSunlightEveryTextHasSevenToOne(page)));
  await dress(page, size);
  return wrong;
}

/** what passes by itself, and has to stand when it is looked at */
const fleeting = (page) => page.locator(".snack").count();

/** pictures of what had findings, so that one can look; those of the last run only */
const FINDINGS = join(here, "findings");
const picture = (page, { screen, tag }) => page?.screenshot({ path: join(FINDINGS, `${screen}-${tag}.png`) }).catch(() => undefined);

/** one screen in all sizes of one visit; opened anew when something has passed meanwhile */
async function visited(chrome, context, base, looks, also) {
  const found = [];
  const heard = new Set();
  let page = null;
  let stood = 0;
  const leave = async () => (await page?.close(), (page = null));
  for (const one of looks) {
    const wrong = [];
    try {
      if (page && stood !== (await fleeting(page))) await leave();
      if (page) await dress(page, one.size);
      else {
        page = await openIn(context, base, one.size, one.plan.wishes);
        await one.plan.go(page);
        await settle(page);
        stood = await fleeting(page);
      }
      wrong.push(...(await look(page, one, heard)));
      if (one === looks[0]) wrong.push(...(await ruled(page, one)));
      await also(page, one);
    } catch (thrown) {
      if (!chrome.isConnected()) throw thrown;
      wrong.push(String(thrown).split("\n")[0]);
    }
    wrong.push(...(page?.complaints.splice(0) ?? []));
    if (wrong.length) await picture(page, one);
    if (wrong.length) found.push(`${one.screen} ${one.tag}\n   ${wrong.join("\n   ")}`);
    if (wrong.length) await leave();
  }
  await leave();
  return found;
}

/** a browser that is fresh again after some visits, so that hundreds of pages do not wear out one */
class Fresh {
  static VISITS = 40;
  #chrome = null;
  #places = {};
  #visits = 0;

  async get({ size }) {
    if (this.#chrome && (this.#visits >= Fresh.VISITS || !this.#chrome.isConnected())) await this.close();
    this.#chrome ??= await browser();
    this.#visits += 1;
    this.#places[size.phone] ??= await place(this.#chrome, { ...size, dark: false });
    return { chrome: this.#chrome, context: this.#places[size.phone] };
  }

  async close() {
    await this.#chrome?.close().catch(() => undefined);
    this.#chrome = null;
    this.#places = {};
    this.#visits = 0;
  }
}

/** once more when the browser itself went away; what a page does wrong is never looked at twice */
async function visitWith(fresh, base, looks, also) {
  for (let last = false; ; last = true) {
    const { chrome, context } = await fresh.get(looks[0]);
    try {
      return await visited(chrome, context, base, looks, also);
    } catch (thrown) {
      if (last || chrome.isConnected()) return [`${looks[0].screen} ${looks[0].tag}\n   ${String(thrown).split("\n")[0]}`];
    }
  }
}

/** `also` is done with every page that was looked at */
export async function screens(only = /./, also = async () => {}) {
  rmSync(FINDINGS, { recursive: true, force: true });
  mkdirSync(FINDINGS, { recursive: true });
  const server = await serve();
  const all = Object.entries(SCREENS)
    .flatMap(([screen, plan]) => Object.entries(plan.desk ? DESK_SIZES : SIZES).map(([tag, size]) => ({ screen, plan, tag, size })))
    .filter(({ screen, plan, tag }) => (plan.at?.includes(tag) ?? true) && only.test(`${screen}-${tag}`));
  const by = new Map();
  for (const one of all) by.set(`${one.screen} ${visit(one.size)}`, [...(by.get(`${one.screen} ${visit(one.size)}`) ?? []), one]);
  const visits = [...by.values()];
  const found = [];
  await Promise.all(
    Array.from({ length: 3 }, async () => {
      const fresh = new Fresh();
      for (let next = visits.shift(); next; next = visits.shift()) found.push(...(await visitWith(fresh, server.base, next, also)));
      await fresh.close();
    }),
  );
  server.close();
  return { looked: all.length, found };
}
