// Pictures of every screen, or with --mockups <folder> the mockup (left) beside ours (right), into docs/images. Usage:
//   node e2e/shots.mjs [--mockups <folder>] [--out <folder>] [--only <pattern>]
import { mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { browser, DESK_SIZES, here, open, SCREENS, serve, settle, SIZES } from "./world.mjs";

const { values: wish } = parseArgs({ options: { mockups: { type: "string" }, out: { type: "string" }, only: { type: "string", default: "." } } });
const out = wish.out ?? (wish.mockups ? join(here, "..", "..", "docs", "images") : join(here, "..", "test-results", "shots"));
const only = new RegExp(wish.only);
const PAIRED = ["390", "390-dark", "390-en"];
const PAIRED_DESK = ["1440", "1440-dark", "1024", "1440-en"];
const SMALL = ["360"];
const STATE = ["390", "390-en", "1440"];
/** a size once more with the screen in English; a screen that asks for its own language has it already */
const alsoEnglish = (sizes, tag) => ({ ...sizes, [`${tag}-en`]: { ...sizes[tag], as: tag, lang: "en" } });
const PHONES = alsoEnglish(SIZES, "390");
const DESKS = alsoEnglish(DESK_SIZES, "1440");
/** our screen beside which mockup (`wide` at 1440), in which sizes; "" where no mockup is near. The mockups are Danish: English stands beside Danish */
const BESIDE = {
  "01-laas": { mock: "01-laas" }, "01-laas-vent": { mock: "01-laas", state: "wait", at: ["390"] }, "02-i-dag": { mock: "02-i-dag" }, "03-forloeb": { mock: "03-forloeb" }, "04-et-forloeb": { mock: "04-et-forloeb" },
  "05-indsats": { mock: "05-indsatser" }, "06-log-moede": { mock: "06-log-moede" }, "06b-gemt": { mock: "06b-gemt" }, "07-note": { mock: "07-note" }, "11-soeg": { mock: "11-soeg" }, "12-synk": { mock: "12-synk" },
  "12-synk-sendt": { mock: "12-synk", state: "sendt", at: ["390"] }, "12-synk-72t": { mock: "12-synk", state: "72t", at: ["390"] },
  "18-forloeb-desktop": { mock: "18-forloeb-desktop" }, "14-modstrid": { mock: "14-modstrid" }, "14-modstrid-tre": { mock: "13-kraever-dig", at: ["1440"] },
  "00-ny-enhed": { mock: "01-laas", at: SMALL }, "00-ny-saetning": { mock: "", at: SMALL }, "20-indstillinger": { mock: "12-synk", at: SMALL }, "21-hjaelp": { mock: "", at: SMALL }, "22-om": { mock: "", at: SMALL }, "23-rapport": { mock: "", at: SMALL },
  "20-loefte": { mock: "06-log-moede", at: ["390"] }, "20-opgave": { mock: "06-log-moede", at: ["390"] }, "19-historik": { mock: "04-et-forloeb", at: ["390"] }, "14-modstrid-telefon": { mock: "07-note", at: ["390"] },
  "17-enheder": { mock: "17-enheder", at: ["1440", "1440-dark", "1440-en"] }, "17-spaer": { mock: "17-enheder", at: ["1440"] }, "17-tilmeld-sammenlign": { mock: "17-enheder", at: ["1440"] }, "17-karantaene": { mock: "17-enheder", at: ["1440"] },
  "17-enheder-telefon": { mock: "12-synk", at: ["390"] }, "17-karantaene-telefon": { mock: "06-log-moede", at: ["390"] }, "17-spaer-telefon": { mock: "06-log-moede", at: ["390"] },
  "17-tilmeld-koden-igen": { mock: "17-enheder", at: ["1440"] }, "20-noedkode": { mock: "", at: SMALL },
  "25-hold": { mock: "", at: ["390"] }, "26-slut": { mock: "", at: ["390"] }, "26-slut-liste-bord": { mock: "", at: ["1440"] },
  "24-adresse": { mock: "09-tryghed", at: ["390"] }, "24-adresse-set": { mock: "09-tryghed", at: STATE }, "24-adresse-frigiv": { mock: "09-tryghed", at: ["390"] }, "24-adresse-hvem-har-set": { mock: "09-tryghed", at: ["390"] },
  "e07-ure": { mock: "04-et-forloeb", wide: "18-forloeb-desktop", at: STATE }, "e08-tidspunkt": { mock: "06-log-moede", at: ["390", "390-en"] }, "x01-to-udgaver": { mock: "07-note", wide: "14b-tekst", at: STATE },
};

/** the mockup's file for a picture of ours; "" for ours alone, null where there is nothing to compare */
function mockupOf(name, tag, desk) {
  const { mock, wide = mock, state, at = desk ? PAIRED_DESK : PAIRED } = BESIDE[name] ?? { at: [] };
  if (!at.includes(tag)) return null;
  const near = tag.startsWith("1440") ? wide : mock;
  if (near === "") return "";
  const file = join(wish.mockups, `${[near, tag.replace(/-en$/, ""), state].filter(Boolean).join("-")}.png`);
  return existsSync(file) ? file : null;
}

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
  for (const [tag, size] of Object.entries(screen.desk ? DESKS : PHONES)) {
    const picture = `${name}-${tag}`;
    if (!only.test(picture) || !(screen.at?.includes(size.as ?? tag) ?? true)) continue;
    if (size.lang && screen.wishes.lang) continue;
    const beside = wish.mockups ? mockupOf(name, tag, screen.desk) : "";
    if (beside === null) continue;
    const page = await open(chrome, server.base, size, { fox: "Sømanden", ...screen.wishes, ...(size.lang && { lang: size.lang }) });
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
