// Difficult cases of the invented data set, by their number.
import assert from "node:assert/strict";
import { tellStories } from "./case.spec.mjs";
import { openCase } from "./world.mjs";

const marksIn = (page, where) => page.locator(`${where} [data-mark]`).evaluateAll((all) => all.map((e) => e.dataset.mark));
const ENTRIES = '[data-entry="meeting"]';

/** runs in the page: whether the middle of each target can be brought into sight, with nothing of another kind over it */
async function reachable(page, selector) {
  const all = page.locator(selector);
  for (let i = 0; i < (await all.count()); i++) {
    const one = all.nth(i);
    await one.scrollIntoViewIfNeeded();
    await one.evaluate((node) => node.scrollIntoView({ block: "center" }));
    const said = await one.evaluate((node) => {
      const r = node.getBoundingClientRect();
      const [x, y] = [r.left + r.width / 2, r.top + r.height / 2];
      const view = window.visualViewport;
      if (x < 0 || y < 0 || x > view.width || y > view.height + view.offsetTop) return `outside at ${Math.round(x)},${Math.round(y)}`;
      const hit = document.elementFromPoint(x, y);
      return hit && (node.contains(hit) || hit.contains(node)) ? "" : `covered by ${hit?.className}`;
    });
    assert.equal(said, "", `${selector} ${i}`);
  }
}

/** in sight now, without scrolling: the whole of it, above whatever covers the lower edge */
async function inSight(page, selector, height) {
  const box = await page.locator(selector).first().boundingBox();
  assert.ok(box && box.y >= 0 && box.y + box.height <= height + 1, `${selector} is in sight: ${JSON.stringify(box)} of ${height}`);
}

const entry = (page, words) => page.locator(ENTRIES, { hasText: words });

export async function e07_a_clock_that_was_ahead_or_behind_is_said_beside_the_time_it_claimed(page) {
  await openCase(page);
  const ahead = await entry(page, "Uret var 3 dage foran").innerText();
  assert.ok(ahead.includes("Klokkeslættet er beholdt.") && /\d{1,2}\.\d{2} · Mikkel/.test(ahead), ahead);
  assert.equal(await entry(page, "Uret var 2 år bagud").count(), 1);
  assert.equal(await page.locator("[data-set-time]").count(), 1, "only a time that says nothing is asked for");
}
e07_a_clock_that_was_ahead_or_behind_is_said_beside_the_time_it_claimed.wishes = { world: "clocks" };

export async function e08_a_lost_time_is_asked_for_set_without_a_keyboard_and_taken_back(page) {
  await openCase(page);
  const asked = await entry(page, "Tid ukendt").innerText();
  assert.ok(asked.includes("når du ved det") && !asked.includes("1970"), asked);
  await page.locator("[data-set-time]").click();
  await page.waitForSelector(".sheet .stepper");
  await inSight(page, "[data-save]", 640);
  assert.ok(await page.locator(".sheet .stepper button").nth(1).isDisabled(), "nothing is later than now");
  await page.locator(".sheet .stepper button").first().click();
  const day = await page.locator(".sheet output").first().innerText();
  await page.locator(".sheet [data-save]").click();
  await page.waitForSelector(".snack");
  assert.equal(await entry(page, "Tid ukendt").count(), 0);
  assert.equal(await page.locator("[data-set-time]").count(), 0);
  assert.ok(day.toLowerCase().startsWith("i går"), day);
  await page.locator("[data-undo]").click();
  await page.waitForSelector("[data-set-time]");
  assert.equal(await entry(page, "Tid ukendt").count(), 1);
}
e08_a_lost_time_is_asked_for_set_without_a_keyboard_and_taken_back.wishes = { world: "clocks" };

export async function x01_a_sentence_two_wrote_is_shown_as_each_of_them_wrote_it(page) {
  await openCase(page);
  await page.locator("[data-entry=note] .open", { hasText: "lørdagmandag" }).click();
  await page.waitForSelector("section.both .voice");
  const voices = await page.locator("section.both .voice").allInnerTexts();
  assert.equal(voices.length, 2);
  assert.ok(voices[0].startsWith("Dig"), voices[0]);
  assert.ok(voices[0].includes("Nøglen får han lørdag.") && voices[1].includes("Mikkel") && voices[1].includes("Nøglen får han mandag."), voices.join());
  await page.waitForFunction(() => document.querySelector("textarea")?.value.includes("lørdagmandag"));
}
x01_a_sentence_two_wrote_is_shown_as_each_of_them_wrote_it.wishes = { world: "clocks" };

export async function e37_two_people_with_the_same_alias_are_told_apart_everywhere(page) {
  await page.waitForSelector("[data-mark]");
  const today = await marksIn(page, ".tile");
  assert.equal(today.length, 2);
  assert.notEqual(today[0], today[1]);
  const tiles = await page.locator('.tile[data-log="Falken"]').allInnerTexts();
  assert.ok(tiles[0].includes("Forløb") && tiles[1].includes("Visitation"), "a second line on each tile");
  const names = await page.locator('.tile[data-log="Falken"]').evaluateAll((all) => all.map((e) => e.getAttribute("aria-label")));
  assert.equal(new Set(names).size, 2, "also for those who listen");

  await page.locator(".bar button").nth(1).click();
  await page.waitForSelector(".caserow [data-mark]");
  assert.deepEqual(await marksIn(page, ".caserow"), today, "the mark follows from the case");
  assert.equal(await page.locator(".caserow .same").count(), 2);
  assert.equal(await page.locator(".caserow", { hasText: "Kastanje" }).locator("[data-mark]").count(), 0, "nobody else has a mark");

  await page.locator('.since[data-log="Falken"]').nth(1).click();
  assert.deepEqual(await marksIn(page, ".sheet"), [today[1]]);
  assert.ok((await page.locator(".sheet .same").innerText()).includes("Visitation · 8 dage siden"));
  await page.keyboard.press("Escape");

  await page.locator("[data-search]").first().click();
  await page.locator("search input").fill("nøgle");
  await page.waitForSelector("[data-hit]");
  const groups = await page.locator("[data-group]").allInnerTexts();
  assert.deepEqual(await marksIn(page, "[data-group]"), today);
  assert.ok(groups[0].includes("Forløb · 3 dage siden") && groups[1].includes("Visitation · 8 dage siden"));
  await page.locator('[data-group="c3"] [data-hit]').click();
  await page.waitForFunction(() => document.querySelector("textarea")?.value.includes("kælderen"));
  assert.deepEqual(await marksIn(page, ".meta"), [today[1]]);
}
e37_two_people_with_the_same_alias_are_told_apart_everywhere.wishes = { world: "namesakes" };

export async function e38_a_case_without_a_meeting_says_so(page) {
  await openCase(page, "Lille Åge");
  assert.equal(await page.locator("[data-entry]").count(), 0);
  assert.ok((await page.locator(".facts").innerText()).includes("Ingen kontakt endnu"));
  assert.ok((await page.locator(".empty").innerText()).includes("Her står det, I gør sammen"));
  assert.equal(await page.locator("[data-more]").count(), 0);
}
e38_a_case_without_a_meeting_says_so.wishes = { world: "0" };

export async function e38_a_case_with_600_meetings_is_drawn_fifty_at_a_time(page) {
  await openCase(page);
  assert.equal(await page.locator(ENTRIES).count(), 50);
  assert.equal(await page.locator("[data-more]").innerText(), "Vis 50 flere · 550 tilbage");
  for (let shown = 100; shown <= 600; shown += 50) {
    await page.locator("[data-more]").click();
    await page.waitForFunction((n) => document.querySelectorAll('[data-entry="meeting"]').length === n, shown);
  }
  assert.equal(await page.locator("[data-more]").count(), 0, "all of them are there, and nothing more is offered");
}
e38_a_case_with_600_meetings_is_drawn_fifty_at_a_time.wishes = { world: "600" };

export async function e38_a_hit_far_down_is_drawn_and_stands_in_sight(page) {
  await page.locator("[data-search]").first().click();
  await page.locator("search input").fill("Sted 48");
  await page.locator('[data-hit="meeting"]').first().click();
  await page.waitForSelector(`${ENTRIES}.here`);
  const box = await page.locator(`${ENTRIES}.here`).boundingBox();
  assert.ok(box.y > 0 && box.y < 640);
  const drawn = await page.locator(ENTRIES).count();
  assert.ok(drawn % 50 === 0 && drawn <= 600);
}
e38_a_hit_far_down_is_drawn_and_stands_in_sight.wishes = { world: "600" };

const LANDSCAPE = { width: 640, height: 360, phone: true, text: 200 };
const KEYBOARD = { width: 360, height: 330, phone: true, text: 200 };

async function logged(page, height) {
  await page.locator('.tile[data-log="Falken"]').click();
  await page.waitForSelector(".sheet .change");
  await inSight(page, "[data-save]", height);
  await reachable(page, ".sheet [data-key]");
  await reachable(page, ".sheet .change");
  await reachable(page, ".sheet .head .iconbtn");
  await inSight(page, "[data-save]", height);
  await page.locator("[data-save]").click();
  await page.waitForSelector(".snack");
  await inSight(page, "[data-undo]", height);
}

export async function e43_in_landscape_with_large_text_gem_is_in_sight_and_nothing_is_hidden(page) {
  await logged(page, 360);
}
e43_in_landscape_with_large_text_gem_is_in_sight_and_nothing_is_hidden.size = LANDSCAPE;

export async function e43_in_landscape_with_large_text_the_steppers_are_reachable(page) {
  await page.locator('.tile[data-log="Falken"]').click();
  await page.locator(".change").click();
  await inSight(page, "[data-save]", 360);
  await reachable(page, ".sheet .stepper button:not([disabled])");
}
e43_in_landscape_with_large_text_the_steppers_are_reachable.size = LANDSCAPE;

async function written(page, height) {
  await page.locator('[data-add="promise"]').click();
  await page.waitForFunction(() => document.activeElement?.id === "what");
  await inSight(page, "[data-save]", height);
  await page.locator("#what").pressSequentially("At ringe");
  await inSight(page, "#what", height);
  await inSight(page, "[data-save]", height);
  await reachable(page, ".sheet .chip");
  await reachable(page, ".sheet .stepper button");
  await page.locator('[data-person="c1"]').click();
  await page.locator("[data-save]").click();
  await page.locator("[data-item]", { hasText: "At ringe" }).first().waitFor();
}

export async function e43_with_the_keyboard_open_a_promise_can_be_written_and_saved(page) {
  await written(page, 330);
}
e43_with_the_keyboard_open_a_promise_can_be_written_and_saved.size = KEYBOARD;

export async function e43_in_landscape_a_promise_can_be_written_and_saved(page) {
  await written(page, 360);
}
e43_in_landscape_a_promise_can_be_written_and_saved.size = LANDSCAPE;

/** a keyboard that lies over the page, as on iOS: the window stays as high as it was, what is seen of it does not */
async function keyboardOver(page, height) {
  await page.evaluate((h) => {
    Object.defineProperty(window.visualViewport, "height", { value: h, configurable: true });
    window.visualViewport.dispatchEvent(new Event("resize"));
  }, height);
}

export async function e43_a_keyboard_over_the_page_hides_neither_gem_nor_the_words(page) {
  await page.locator('[data-add="promise"]').click();
  await keyboardOver(page, 330);
  await inSight(page, "[data-save]", 330);
  await page.locator("#what").pressSequentially("At ringe");
  await inSight(page, "#what", 330);
  await page.keyboard.press("Escape");
  await keyboardOver(page, 640);
  await page.waitForFunction(() => document.querySelector(".foot").getBoundingClientRect().bottom > 630);
}

export async function e43_a_keyboard_over_a_note_leaves_its_line_and_its_state_in_sight(page) {
  await openCase(page);
  await page.locator(".actions .btn").nth(1).click();
  await page.locator("textarea").fill(Array.from({ length: 30 }, (_, i) => `Linje ${i + 1}`).join("\n"));
  await keyboardOver(page, 330);
  await page.locator("textarea").press("Control+End");
  await page.locator("textarea").pressSequentially(" til sidst");
  await inSight(page, '[data-state="note"]', 330);
  const field = await page.locator("textarea").evaluate((t) => ({ ...t.getBoundingClientRect().toJSON(), down: t.scrollTop + t.clientHeight >= t.scrollHeight - 40 }));
  assert.ok(field.down || field.height > 330, "the caret's line is scrolled to");
  await page.waitForFunction(() => document.querySelector("[data-saved=saved]"));
}

export async function e43_a_note_in_landscape_with_large_text_can_be_written_and_read(page) {
  await openCase(page);
  await reachable(page, ".actions .btn");
  await page.locator(".actions .btn").nth(1).click();
  await page.locator("textarea").pressSequentially("Han malede køkkenet.");
  const box = await page.locator("textarea").boundingBox();
  assert.ok(box.height >= 60, "some lines are in sight");
  await inSight(page, '[data-state="note"]', 360);
  await page.waitForFunction(() => document.querySelector("[data-saved=saved]"));
  await reachable(page, ".tool .btn");
}
e43_a_note_in_landscape_with_large_text_can_be_written_and_read.size = LANDSCAPE;

const STORIES = [
  e07_a_clock_that_was_ahead_or_behind_is_said_beside_the_time_it_claimed, e08_a_lost_time_is_asked_for_set_without_a_keyboard_and_taken_back,
  x01_a_sentence_two_wrote_is_shown_as_each_of_them_wrote_it,
  e37_two_people_with_the_same_alias_are_told_apart_everywhere, e38_a_case_without_a_meeting_says_so, e38_a_case_with_600_meetings_is_drawn_fifty_at_a_time,
  e38_a_hit_far_down_is_drawn_and_stands_in_sight, e43_in_landscape_with_large_text_gem_is_in_sight_and_nothing_is_hidden, e43_in_landscape_with_large_text_the_steppers_are_reachable,
  e43_with_the_keyboard_open_a_promise_can_be_written_and_saved, e43_in_landscape_a_promise_can_be_written_and_saved, e43_a_keyboard_over_the_page_hides_neither_gem_nor_the_words,
  e43_a_keyboard_over_a_note_leaves_its_line_and_its_state_in_sight, e43_a_note_in_landscape_with_large_text_can_be_written_and_read,
];

export const datasetStories = (chrome, only) => tellStories(chrome, STORIES, only);
