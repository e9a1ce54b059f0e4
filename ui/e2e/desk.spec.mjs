// The wide screen without a mouse: every story is told with the keyboard alone.
import assert from "node:assert/strict";
import { open, SIZES, tellEach } from "./world.mjs";

const wishes = { phase: "unlocked", role: "coordinator", conflicts: "8" };

async function desk(chrome, base, size = "1440", more = {}) {
  const page = await open(chrome, base, SIZES[size], { ...wishes, ...more });
  await page.waitForSelector(".hintbar .hint >> nth=2");
  return page;
}
const press = async (page, ...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};
const held = (page) => page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120) ?? "");
const inside = (page, selector) => page.evaluate((s) => document.activeElement?.closest(s) !== null, selector);

/** walks with Tab until something has the keyboard */
async function tabTo(page, selector, most = 80) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
  }
  throw new Error(`${selector} is not reached with ${most} tabs; at ${await held(page)}`);
}

async function find(page, letters) {
  await press(page, "/");
  await page.waitForFunction(() => document.activeElement?.matches("[data-find]"));
  await page.keyboard.type(letters);
  await page.waitForFunction(() => document.querySelectorAll(".deskrow").length === 1);
  await press(page, "Enter");
  await page.waitForSelector(".bridge");
}

async function nothingOfAPerson(page) {
  await page.waitForSelector(".pad3");
  const html = await page.evaluate(() => document.documentElement.outerHTML);
  for (const word of ["Falken", "Kastanje", "Mikkel", "Åse", "vindueskarm"]) assert.ok(!html.includes(word), `${word} is still in the page`);
}

export async function aCaseIsFoundOpenedAndAContactLogged(chrome, base) {
  for (const size of ["1440", "1024"]) {
    const page = await desk(chrome, base, size);
    const before = await page.evaluate(() => globalThis.pretend.meetings("c2").length);
    await find(page, "aage");
    assert.equal(await page.locator(".middle h1").innerText(), "Lille Åge");
    assert.ok(await inside(page, ".middle"), `the case has the keyboard, not ${await held(page)}`);
    await press(page, "l");
    await page.waitForSelector('[data-key="meeting"][aria-checked="true"]');
    await tabTo(page, '[data-key="meeting"]');
    await press(page, "ArrowRight", "ArrowRight");
    await tabTo(page, "[data-save]");
    await press(page, "Enter");
    await page.waitForSelector(".snack");
    const entries = await page.evaluate(() => globalThis.pretend.meetings("c2").map((e) => e.kind));
    assert.deepEqual([entries.length, entries[0]], [before + 1, "phone"]);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  }
}

export async function aNoteIsWrittenAndLeftWithTheKeyboard(chrome, base) {
  const page = await desk(chrome, base);
  await find(page, "falken");
  await press(page, "n");
  await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
  await page.keyboard.type("j n l 1 / ? og han sad i vindueskarmen");
  await page.waitForTimeout(500);
  assert.equal(await page.evaluate(async () => (await globalThis.pretend.caseView("c1")).timeline.find((e) => e.type === "note").first_line), "j n l 1 / ? og han sad i vindueskarmen");
  assert.ok(await page.locator(".facts").count(), "what is known stays beside the note");
  await press(page, "Escape");
  assert.ok(!(await inside(page, "textarea")) && (await page.locator("textarea").count()) === 1, "the first Esc leaves the field, not the note");
  await press(page, "Escape");
  await page.waitForSelector(".bridge");
  assert.ok(await inside(page, ".middle"), await held(page));
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

export async function aConflictIsChosenAndTakenBack(chrome, base) {
  for (const size of ["1440", "1024"]) {
    const page = await desk(chrome, base, size);
    const due = () => page.evaluate(async () => (await globalThis.pretend.caseView("c3")).tasks.find((t) => t.id === "c3-next").due);
    await press(page, "g", "k");
    await page.waitForSelector(".conflict");
    const card = async () => [await page.locator(".conflict .about").innerText(), await page.locator(".conflict h2").innerText()];
    const wanted = (about, title) => about.startsWith("B.") && title === "Hvornår er fristen?";
    for (let i = 0; i < 12 && !wanted(...(await card())); i++) await press(page, "j");
    await page.waitForFunction(() => document.querySelector(".conflict .about").textContent.includes("Spørge til samtalen"));
    const count = await page.locator('[data-place="conflicts"] .n').innerText();
    await press(page, "2");
    await page.waitForSelector(".told");
    assert.ok((await page.locator(".told").innerText()).includes("Kan fortrydes til i morgen 13.04."));
    assert.equal(await due(), "2026-12-07");
    assert.equal(Number(await page.locator('[data-place="conflicts"] .n').innerText()), Number(count) - 1);
    await press(page, "1");
    await page.waitForTimeout(50);
    assert.equal(await due(), "2026-12-07", "a second press does not choose again");
    await press(page, "u");
    await page.waitForFunction(() => document.querySelector(".told").textContent.includes("Fortrudt."));
    assert.equal(await due(), "2026-11-26", "what applied before applies again");
    await press(page, "n");
    await page.waitForFunction(() => !document.querySelector(".told"));
    await press(page, "h");
    await page.waitForFunction(() => !document.querySelector(".conflict"));
    await press(page, "Escape");
    await page.waitForSelector(".conflict");
    await press(page, "Escape");
    await page.waitForSelector(".deskrow");
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  }
}

export async function f9HidesFromAnywhere(chrome, base) {
  const places = {
    list: async () => {},
    field: async (page) => press(page, "/"),
    note: async (page) => (await find(page, "falken"), await press(page, "n"), await page.waitForSelector("textarea"), await page.keyboard.type("Han sad i vindueskarmen.")),
    sheet: async (page) => (await find(page, "falken"), await press(page, "l"), await page.waitForSelector("[data-save]")),
    keys: async (page) => (await press(page, "?"), await page.waitForSelector(".groups")),
    conflict: async (page) => (await press(page, "g", "k"), await page.waitForSelector(".conflict")),
  };
  for (const [name, go] of Object.entries(places)) {
    const page = await desk(chrome, base);
    await go(page);
    await press(page, "F9");
    await nothingOfAPerson(page);
    if (name === "note") {
      const kept = () => page.evaluate(() => Array.from({ length: 50 }, (_, i) => globalThis.pretend.noteText(`n${100 + i}`)).filter(Boolean));
      for (let i = 0; i < 20 && (await kept()).length === 0; i++) await page.waitForTimeout(100);
      assert.deepEqual(await kept(), ["Han sad i vindueskarmen."], "what was typed is saved");
    }
    await page.context().close();
  }
}

export async function singleLettersCanBeTurnedOff(chrome, base) {
  const page = await desk(chrome, base);
  await press(page, "g", "i");
  await tabTo(page, '[role=radio][data-key="on"]');
  await press(page, "ArrowRight");
  await page.waitForFunction(() => document.querySelectorAll(".hintbar .hint").length === 1);
  assert.equal(await page.evaluate(async () => (await globalThis.pretend.settings()).single_keys), false);
  await tabTo(page, '[data-place="cases"]');
  await press(page, "Enter");
  await page.waitForSelector(".deskrow");
  await press(page, "?", "/", "g", "k");
  await page.waitForTimeout(100);
  assert.equal(await page.locator(".groups, .conflict").count(), 0);
  assert.ok(!(await inside(page, "[data-find]")));
  await tabTo(page, ".deskrow");
  await press(page, "ArrowDown", "ArrowDown", "Enter");
  await page.waitForSelector(".bridge");
  await press(page, "F9");
  await page.waitForSelector(".pad3");
  await page.context().close();
}

export async function someoneNewOfTheSameNameCarriesAMark(chrome, base) {
  const page = await desk(chrome, base);
  await press(page, "g", "f");
  await page.waitForSelector(".deskrow");
  await tabTo(page, "[data-new]");
  await press(page, "Enter");
  await page.waitForFunction(() => document.activeElement?.id === "alias");
  await press(page, "Enter");
  assert.ok((await page.locator("#alias-hint").innerText()).startsWith("Skriv et alias."));
  await page.keyboard.type("falken");
  assert.ok((await page.locator("#alias-hint").innerText()).includes("allerede"));
  await tabTo(page, "#born");
  await page.keyboard.type("19");
  await press(page, "Enter");
  assert.ok((await page.locator("#born-hint").innerText()).includes("fire cifre"));
  await page.keyboard.type("99");
  await press(page, "Enter");
  await page.waitForFunction(() => document.querySelector(".middle h1 .person")?.textContent === "falken");
  await page.waitForSelector(".deskrow [data-mark] >> nth=1");
  const marks = await page.locator(".deskrow [data-mark]").evaluateAll((all) => all.map((e) => e.dataset.mark));
  assert.deepEqual([marks.length, new Set(marks).size], [2, 2], "each has a mark of its own, and nobody else has one");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
  const mentor = await desk(chrome, base, "1440", { role: "mentor" });
  await press(mentor, "g", "f");
  await mentor.waitForSelector(".deskrow");
  assert.equal(await mentor.locator("[data-new]").count(), 0, "a mentor is given people");
  await mentor.context().close();
}

export async function tabReachesEverythingInReadingOrder(chrome, base) {
  const page = await desk(chrome, base);
  await find(page, "falken");
  await page.evaluate(() => document.activeElement.blur());
  await page.evaluate(() => document.querySelector(".side button").focus());
  const all = await page.evaluate(() => [...document.querySelectorAll(".desk button:not([disabled]), .desk input")].filter((e) => e.getBoundingClientRect().width > 0 && getComputedStyle(e).visibility !== "hidden").length);
  const order = [];
  for (let i = 0; i < all; i++) {
    order.push(await page.evaluate(() => ["side", "list", "middle", "facts"].findIndex((c) => document.activeElement?.closest(`.${c}`))));
    const ring = await page.evaluate(() => {
      const e = document.activeElement;
      const around = e.matches("[data-find]") ? e.closest(".input") : e;
      return getComputedStyle(around).outlineStyle !== "none";
    });
    assert.ok(ring, `focus is seen on ${await held(page)}`);
    await press(page, "Tab");
  }
  assert.deepEqual(order, order.toSorted((a, b) => a - b), "rail, list, story, facts");
  assert.deepEqual([...new Set(order)], [0, 1, 2, 3]);
  await page.context().close();
}

export async function digitsMoveBetweenPanesAndLettersWalkTheList(chrome, base) {
  const page = await desk(chrome, base);
  await find(page, "falken");
  await press(page, "1");
  assert.ok(await inside(page, '[data-case="c1"]'), await held(page));
  await press(page, "3");
  assert.ok(await inside(page, ".facts"));
  await press(page, "2");
  assert.ok(await inside(page, ".middle"));
  await press(page, "j", "j");
  const down = await page.evaluate(() => document.activeElement.dataset.case);
  assert.notEqual(down, "c1");
  await press(page, "k");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.case), "c1");
  await press(page, "j", "Enter");
  await page.waitForFunction(() => document.querySelector(".middle h1")?.textContent !== "Falken");
  const lines = await page.evaluate(() => document.querySelectorAll('.deskrow[aria-current="true"]').length);
  assert.equal(lines, 1);
  await page.context().close();
}

export async function aChoiceCanBeTakenBackAfterALock(chrome, base) {
  const page = await desk(chrome, base);
  await press(page, "g", "k");
  await page.waitForSelector(".conflict");
  await press(page, "2");
  await page.waitForSelector(".told");
  await press(page, "F9");
  await page.waitForSelector(".pad3");
  await page.keyboard.type("123456");
  await page.waitForSelector(".earlier");
  assert.ok((await page.locator(".earlier").innerText()).includes("Dit valg i dag 13.04 kan stadig fortrydes."));
  await press(page, "u");
  await page.waitForFunction(() => !document.querySelector(".earlier"));
  await page.context().close();
}

const STORIES = [
  aCaseIsFoundOpenedAndAContactLogged, aNoteIsWrittenAndLeftWithTheKeyboard, aConflictIsChosenAndTakenBack, f9HidesFromAnywhere, singleLettersCanBeTurnedOff, someoneNewOfTheSameNameCarriesAMark,
  tabReachesEverythingInReadingOrder, digitsMoveBetweenPanesAndLettersWalkTheList, aChoiceCanBeTakenBackAfterALock,
];

export const deskStories = (chrome) => tellEach(chrome, STORIES);
