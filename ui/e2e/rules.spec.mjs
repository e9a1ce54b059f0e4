// Rules of a thumb and of sunlight, measured on each screen while `screens` stands on it. What is returned is what is wrong.

/** of the height: where the main acts begin at the earliest, for a thumb reaches the lower 60 % */
const LOW = 0.4;
/** between two targets; rows and tabs that touch are large enough when two targets of 48 with this room between them fit into both */
const APART = 8;
const PITCH = 48 + APART;
const MAIN = ".btn.primary, .foot button, .stick button, .snack button, .pad3 button";
/** what changes sides with the hand; what spans the screen is on both, and the lock stays in its corner */
const SIDED = ".actions .btn, .tool .btn, .caserow .since, .snack button";

/** runs in the page: the targets that can be pressed just now, with where they are */
function targets(only) {
  const scope = document.querySelector(".sheet") ?? document.body;
  return [...scope.querySelectorAll(only)].flatMap((e) => {
    const { left, right, top, bottom, width, height } = e.getBoundingClientRect();
    if (width <= 1 || height <= 1 || getComputedStyle(e).visibility === "hidden" || e.closest(".vh")) return [];
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (hit && !e.contains(hit) && !hit.contains(e)) return [];
    const layer = ["foot", "stick", "snack"].find((l) => e.closest(`.${l}`)) ?? "";
    const named = [...e.classList].filter((c) => !c.startsWith("svelte")).join(".");
    return [{ left, right, top, bottom, layer, name: `${e.tagName.toLowerCase()}.${named} “${(e.getAttribute("aria-label") ?? e.textContent).trim().slice(0, 24)}”` }];
  });
}

export async function theMainButtonsLieInTheLowerSixtyPercent(page) {
  const { height } = page.viewportSize();
  return (await page.evaluate(targets, MAIN)).filter((t) => t.top < height * LOW).map((t) => `lies high, ${Math.round(t.top)} of ${height}: ${t.name}`);
}

function pairs(all) {
  return all.flatMap((a, i) => all.slice(i + 1).map((b) => [a, b])).filter(([a, b]) => a.layer === b.layer);
}

export async function targetsStandEightApartOrAreLargeRows(page) {
  const all = await page.evaluate(targets, "button, input, textarea, summary, [role=checkbox]");
  return pairs(all).flatMap(([a, b]) => {
    const aside = Math.max(a.left - b.right, b.left - a.right);
    const above = Math.max(a.top - b.bottom, b.top - a.bottom);
    const gap = Math.max(aside, above);
    if (gap > APART - 0.5) return [];
    const pitch = aside > above ? Math.abs(a.left + a.right - b.left - b.right) / 2 : Math.abs(a.top + a.bottom - b.top - b.bottom) / 2;
    if (gap < -0.5) return [`${a.name} lies over ${b.name}`];
    return pitch < PITCH - 0.6 ? [`${a.name} is ${Math.round(gap)} from ${b.name}, and ${Math.round(pitch)} from middle to middle`] : [];
  });
}

const drawn = (page) => page.evaluate(() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go))));
/** as choosing it in the settings dresses the page: `settingsHoldOnTheLockedPage` */
const dressed = async (page, what, word) => (await page.evaluate(([name, to]) => (to ? (document.documentElement.dataset[name] = to) : delete document.documentElement.dataset[name]), [what, word]), await drawn(page));

/** leaves the page as a left hand has it */
export async function theLeftHandHasTheSameOnItsOwnSide(page) {
  const { width } = page.viewportSize();
  const right = await page.evaluate(targets, SIDED);
  await dressed(page, "hand", "left");
  const left = await page.evaluate(targets, SIDED);
  if (right.length !== left.length) return [`${right.length} acts for the right hand, ${left.length} for the left`];
  return right.flatMap((r, i) => {
    const l = left[i];
    const off = Math.abs(width - r.right - l.left);
    const wrong = [];
    if (off > APART) wrong.push(`${r.name}: ${Math.round(width - r.right)} from the edge of the right hand, ${Math.round(l.left)} from that of the left`);
    if (Math.abs(r.top - l.top) > 1) wrong.push(`${r.name} moves up or down for the left hand`);
    return wrong;
  });
}

/** on a phone of either size, in either hand */
export async function withinTheThumbsReach(page, sizes) {
  const found = [];
  for (const { width, height } of sizes) {
    await page.setViewportSize({ width, height });
    await drawn(page);
    const here = [...(await theMainButtonsLieInTheLowerSixtyPercent(page)), ...(await targetsStandEightApartOrAreLargeRows(page))];
    const turned = [...(await theLeftHandHasTheSameOnItsOwnSide(page)), ...(await theMainButtonsLieInTheLowerSixtyPercent(page)), ...(await targetsStandEightApartOrAreLargeRows(page))];
    await dressed(page, "hand", null);
    found.push(...here.map((line) => `${width}: ${line}`), ...turned.map((line) => `${width}, left hand: ${line}`));
  }
  return [...new Set(found)];
}

/** runs in the page: the faint words in an empty field, which axe passes over */
function faintWords() {
  const parts = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const light = (colour) => parts(colour).slice(0, 3).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => (parts(getComputedStyle(e).backgroundColor)[3] === 0 ? behind(e.parentElement) : getComputedStyle(e).backgroundColor);
  return [...document.querySelectorAll("input[placeholder], textarea[placeholder]")].flatMap((e) => {
    const { color, opacity } = getComputedStyle(e, "::placeholder");
    const [dark, bright] = [light(color), light(behind(e))].toSorted((a, b) => a - b);
    const ratio = (bright + 0.05) / (dark + 0.05);
    return ratio < 7 || Number(opacity) < 1 ? [`“${e.placeholder}” ${ratio.toFixed(2)} (${color} on ${behind(e)})`] : [];
  });
}

/** axe's own measure lets large text have less, and leaves what has less than 4.5 to another rule; here 7 is asked of all, and of labels that stand before a drawing too */
const SEVEN = {
  ignoreUnicode: true, ignoreLength: true, ignorePseudo: true, boldValue: 700, boldTextPt: 14, largeTextPt: 18, contrastRatio: { normal: { expected: 7 }, large: { expected: 7 } },
  pseudoSizeThreshold: 0.25, shadowOutlineEmMax: 0.1, textStrokeEmMin: 0.03,
};

/** an arrow on a key is a drawing; what lies half under a foot or a sheet has the colours of what lies beside it */
const BESIDE = ["nonBmp", "bgOverlap", "elmPartiallyObscured", "elmPartiallyObscuring"];

/** light and dark; axe stands in the page already */
export async function inSunlightEveryTextHasSevenToOne(page) {
  const found = [];
  await dressed(page, "contrast", "more");
  await page.evaluate((options) => globalThis.axe.configure({ checks: [{ id: "color-contrast-enhanced", options }] }), SEVEN);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await drawn(page);
    await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((moving) => moving.effect?.getComputedTiming().endTime < Infinity).map((moving) => moving.finished)));
    const { violations, passes, incomplete } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: { type: "rule", values: ["color-contrast-enhanced"] }, resultTypes: ["violations", "passes", "incomplete"] }));
    if (!passes.length) found.push(`in sunlight, ${colorScheme}: no text was measured`);
    const ratio = (n) => `${n.target.join(" ")} ${n.any[0]?.data?.contrastRatio} (${n.any[0]?.data?.fgColor} on ${n.any[0]?.data?.bgColor})`;
    found.push(...violations.flatMap((v) => v.nodes.map((n) => `in sunlight, ${colorScheme}: ${ratio(n)}`)));
    const unknown = incomplete.flatMap((v) => v.nodes).filter((n) => !BESIDE.includes(n.any[0]?.data?.messageKey));
    found.push(...unknown.map((n) => `in sunlight, ${colorScheme}: not measured, ${n.target.join(" ")} ${n.any[0]?.data?.messageKey}`));
    found.push(...(await page.evaluate(faintWords)).map((line) => `in sunlight, ${colorScheme}: ${line}`));
  }
  await dressed(page, "contrast", null);
  return found;
}
