// Every screen at every size: nothing sideways, nothing too small to hit, nothing a screen reader stumbles on.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { browser, DESK_SIZES, open, SCREENS, serve, settle, SIZES } from "./world.mjs";

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

async function accessible(page, scrolls) {
  await page.evaluate(`${axe}; 0`);
  // a target half under the sticky Gem scrolls clear of it; axe sees only the half
  const rules = scrolls ? { "target-size": { enabled: false } } : {};
  const { violations } = await page.evaluate((rules) => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], rules, resultTypes: ["violations"] }), rules);
  return violations.map((v) => `axe ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")}`);
}

/** what some screens must also show without scrolling at 360×640 */
const IN_SIGHT = {
  "03-forloeb": [".caserow:nth-child(8)"],
  "04-et-forloeb": [".who h1", ".bridge", ".facts", ".actions .primary"],
  "06-log-moede": ["[data-save]", '[data-key="other"]'],
  "02-i-dag": [".tile:nth-child(8)"],
};

async function look(chrome, base, screen, plan, tag, size) {
  const page = await open(chrome, base, size, plan.wishes);
  const wrong = [];
  try {
    await plan.go(page);
    await settle(page);
    wrong.push(...(await page.evaluate(lies, { phone: size.phone, lock: plan.lock !== false && plan.wishes.phase !== "fresh", sheet: plan.sheet === true })));
    wrong.push(...(await accessible(page, plan.sheet === true && tag === "360-200")));
    const must = tag === "360" ? (IN_SIGHT[screen] ?? []) : tag === "360-200" && screen === "06-log-moede" ? ["[data-save]"] : [];
    for (const selector of must) {
      const box = await page.locator(selector).first().boundingBox();
      const foot = plan.sheet || selector.includes("actions") ? null : await page.locator(".foot").first().boundingBox();
      if (!box || box.y + box.height > (foot?.y ?? size.height) + 1) wrong.push(`not in sight without scrolling: ${selector}`);
    }
  } catch (thrown) {
    if (!chrome.isConnected()) throw thrown;
    wrong.push(String(thrown).split("\n")[0]);
  }
  wrong.push(...page.complaints);
  await page.context().close();
  return wrong.length ? [`${screen} ${tag}\n   ${wrong.join("\n   ")}`] : [];
}

/** a browser that is fresh again after some pages, so that hundreds of pages do not wear out one */
class Fresh {
  static PAGES = 40;
  #chrome = null;
  #pages = 0;

  async get() {
    if (this.#chrome && (this.#pages >= Fresh.PAGES || !this.#chrome.isConnected())) await this.close();
    this.#chrome ??= await browser();
    this.#pages += 1;
    return this.#chrome;
  }

  async close() {
    await this.#chrome?.close().catch(() => undefined);
    this.#chrome = null;
    this.#pages = 0;
  }
}

/** once more when the browser itself went away; what a page does wrong is never looked at twice */
async function lookWith(fresh, ...args) {
  for (let last = false; ; last = true) {
    const chrome = await fresh.get();
    try {
      return await look(chrome, ...args);
    } catch (thrown) {
      if (last || chrome.isConnected()) return [`${args[1]} ${args[3]}\n   ${String(thrown).split("\n")[0]}`];
    }
  }
}

export async function screens(only = /./) {
  const server = await serve();
  const todo = Object.entries(SCREENS)
    .flatMap(([screen, plan]) => Object.entries(plan.desk ? DESK_SIZES : SIZES).map(([tag, size]) => [screen, plan, tag, size]))
    .filter(([screen, plan, tag]) => (plan.at?.includes(tag) ?? true) && only.test(`${screen}-${tag}`));
  const found = [];
  const looked = todo.length;
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const fresh = new Fresh();
      for (let next = todo.shift(); next; next = todo.shift()) found.push(...(await lookWith(fresh, server.base, ...next)));
      await fresh.close();
    }),
  );
  server.close();
  return { looked, found };
}
