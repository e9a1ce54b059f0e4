// Pictures of every screen, or with --mockups <folder> the mockup (left) beside ours (right), into docs/images. Usage:
//   node e2e/shots.mjs [--mockups <folder>] [--out <folder>] [--only <pattern>]
import { mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { browser, DESK_SIZES, here, open, SCREENS, serve, settle, SIZES } from "./world.mjs";

const { values: wish } = parseArgs({ options: { mockups: { type: "string" }, out: { type: "string" }, only: { type: "string", default: "." } } });
const out = wish.out ?? (wish.mockups ? join(here, "..", "..", "docs", "images") : join(here, "..", "test-results", "shots"));
const only = new RegExp(wish.only);
/** our screen beside which mockup */
const BESIDE = {
  "01-laas": "01-laas", "01-laas-vent": ["01-laas", "-wait"], "02-i-dag": "02-i-dag", "03-forloeb": "03-forloeb", "04-et-forloeb": "04-et-forloeb", "06-log-moede": "06-log-moede",
  "05-indsats": "05-indsatser", "06b-gemt": "06b-gemt", "11-soeg": "11-soeg", "07-note": "07-note", "12-synk": "12-synk", "12-synk-sendt": ["12-synk", "-sendt"], "12-synk-72t": ["12-synk", "-72t"],
  "18-forloeb-desktop": "18-forloeb-desktop", "14-modstrid": "14-modstrid",
};

mkdirSync(out, { recursive: true });
const server = await serve();
const chrome = await browser();
const asData = (png) => `data:image/png;base64,${png.toString("base64")}`;

async function sideBySide(left, right, size, file) {
  const page = await chrome.newPage({ viewport: { width: size.width * 2 + 24, height: size.height } });
  await page.setContent(`<body style="margin:0;display:flex;gap:24px;background:#8a8a8a"><img src="${asData(left)}"><img src="${asData(right)}"></body>`);
  await page.waitForFunction(() => [...document.images].every((i) => i.complete && i.naturalWidth > 0));
  writeFileSync(file, await page.screenshot());
  await page.close();
}

for (const [name, screen] of Object.entries(SCREENS)) {
  for (const [tag, size] of Object.entries(screen.desk ? DESK_SIZES : SIZES)) {
    const picture = `${name}-${tag}`;
    if (!only.test(picture) || !(screen.at?.includes(tag) ?? true)) continue;
    let beside = null;
    if (wish.mockups) {
      const mock = BESIDE[name];
      if (!mock || !(screen.desk ? ["1440", "1440-dark", "1024"] : ["390", "390-dark"]).includes(tag) || (Array.isArray(mock) && tag !== "390")) continue;
      beside = join(wish.mockups, Array.isArray(mock) ? `${mock[0]}-${tag}${mock[1]}.png` : `${mock}-${tag}.png`);
      if (!existsSync(beside)) continue;
    }
    const page = await open(chrome, server.base, size, { fox: "Sømanden", ...screen.wishes });
    try {
      await screen.go(page);
      await page.mouse.move(size.width / 2, 2);
      await settle(page);
    } catch (thrown) {
      console.error(`${picture}: ${thrown}`);
    }
    const ours = await page.screenshot();
    if (page.complaints.length) console.error(picture, page.complaints);
    if (beside) await sideBySide(readFileSync(beside), ours, size, join(out, `${picture}.png`));
    else writeFileSync(join(out, `${picture}.png`), ours);
    await page.context().close();
  }
}
await chrome.close();
server.close();
