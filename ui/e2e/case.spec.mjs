// One case further, told as stories: support, promises, taking back, history, search. Each opens a page of its own.
import assert from "node:assert/strict";
import { openOffers } from "./case-screens.mjs";
import { NEW_NOTE } from "./go.mjs";
import { toSettings } from "./house-screens.mjs";
import { open, openCase, serve, SIZES, wind } from "./world.mjs";

const PHONE = SIZES["360"];
const phone = (chrome, base, wishes = {}, size = PHONE) => open(chrome, base, size, { phase: "unlocked", ...wishes });
const unfold = (page, kind) => page.locator(`[data-offer="${kind}"] .o`).click();
const word = (page, kind) => page.locator(`[data-offer="${kind}"] .word`).innerText();
const bar = (page) => page.locator(".snack [role=status]").innerText();
const takeBack = async (page) => {
  await page.locator("[data-undo]").click();
  await page.waitForFunction(() => document.querySelector(".snack [role=status]")?.textContent?.startsWith("Fortrudt"));
};
const items = (page) => page.locator("[data-item]").evaluateAll((all) => all.map((e) => e.dataset.item));

export async function the_nine_stand_in_order_in_official_words_and_their_counts_add_to_nine(page) {
  await openOffers(page);
  const titles = await page.locator("[data-offer] .o b").allInnerTexts();
  assert.deepEqual(titles, [
    "En anden bopæl", "Økonomisk bistand", "Kontakt med mennesker uden for miljøet", "Samarbejde med politi, socialforvaltning mv.", "Reetablering af kontakt til familien",
    "Sociale aktiviteter med andre unge, der ikke har tilhørt det kriminelle miljø", "Terapeutisk hjælp", "Misbrugsbehandling", "Støtte til arbejde eller uddannelse",
  ]);
  const counts = await page.locator("[data-count]").evaluateAll((all) => all.map((e) => Number(e.dataset.count)));
  assert.equal(counts.reduce((a, b) => a + b, 0), 9);
  const quiet = page.locator('[data-offer="substance_treatment"]');
  assert.ok((await quiet.innerText()).includes("Ikke behov") && (await quiet.isVisible()), "ikke behov is dimmed, never hidden");
  for (const kind of ["relocation", "therapy"]) assert.ok((await page.locator(`[data-offer="${kind}"] .ladder i`).count()) === 5 && (await word(page, kind)).length > 1);
}

export async function the_tenth_appears_as_øvrige_when_it_is_used(page) {
  await openOffers(page);
  assert.equal(await page.locator('[data-offer="other"]').count(), 0);
  await page.locator("[data-tenth]").click();
  await page.locator("[data-set]").click();
  await page.locator('[data-status="need"]').click();
  assert.equal(await page.locator('[data-offer="other"] .o b').innerText(), "Øvrige");
  await page.locator(".top .iconbtn").first().click();
  await page.locator('[data-open="offers"]').click();
  assert.equal(await page.locator("[data-offer]").count(), 10);
  const counts = await page.locator("[data-count]").evaluateAll((all) => all.map((e) => Number(e.dataset.count)));
  assert.equal(counts.reduce((a, b) => a + b, 0), 9, "the tenth is not hidden among the nine");
}

export async function any_status_follows_any_and_is_taken_back(page) {
  await openOffers(page);
  await unfold(page, "family_reconnection");
  await page.locator("[data-set]").click();
  assert.equal(await page.locator("[data-status]").count(), 10);
  await page.locator('[data-status="not_assessed"]').click();
  assert.equal(await word(page, "family_reconnection"), "Ikke vurderet");
  assert.equal(await bar(page), "Gemt på telefonen");
  await takeBack(page);
  await page.waitForFunction(() => document.querySelector('[data-offer="family_reconnection"] .word').textContent.includes("Færdig"));
}

export async function what_changed_nothing_shows_no_bar(page) {
  await openOffers(page);
  await unfold(page, "therapy");
  await page.locator("[data-set]").click();
  await page.locator('[data-status="waiting"]').click();
  await page.locator(".sheet").waitFor({ state: "detached" });
  assert.equal(await page.locator(".snack").count(), 0);
  await page.evaluate(() => (globalThis.pretend.setStepDone = async (_c, _o, step) => ({ id: step, undo: "" })));
  await unfold(page, "relocation");
  await page.locator('[data-step="s3"] .tick').click();
  await page.waitForTimeout(150);
  assert.equal(await page.locator(".snack").count(), 0);
}

export async function steps_are_ticked_added_and_removed_and_each_is_taken_back(page) {
  await openOffers(page);
  await unfold(page, "relocation");
  const steps = () => page.locator("[data-step]").evaluateAll((all) => all.map((e) => e.dataset.step));
  const ticked = () => page.locator('[data-step="s3"] .tick').getAttribute("aria-checked");
  await page.locator('[data-step="s3"] .tick').click();
  await page.waitForSelector('[data-step="s3"] .tick[aria-checked=true]');
  assert.ok((await page.locator('[data-step="s3"]').innerText()).includes("Falken · i dag"), "a step names its owner");
  await takeBack(page);
  await page.waitForSelector('[data-step="s3"] .tick[aria-checked=false]');
  assert.equal(await ticked(), "false");

  await page.locator("[data-usual]").click();
  await page.locator('[data-template="viewed"]').click();
  await page.waitForFunction(() => document.querySelectorAll("[data-step]").length === 5);
  assert.equal(await page.locator('[data-template="viewed"]').count(), 0, "a usual step is offered once");
  await takeBack(page);
  await page.waitForFunction(() => document.querySelectorAll("[data-step]").length === 4);

  await page.locator('[data-add="step"]').click();
  await page.locator("#step").fill("Se lejligheden sammen");
  await page.locator('[data-owner="candidate"]').click();
  await page.locator("[data-day]").nth(1).click();
  await page.locator("[data-save]").click();
  await page.waitForFunction(() => document.querySelectorAll("[data-step]").length === 5);
  assert.ok((await page.locator("[data-step]").last().innerText()).includes("Falken · senest i morgen"));

  await page.locator('[data-step="s1"] .words').click();
  await page.locator("[data-remove]").click();
  await page.waitForFunction(() => !document.querySelector('[data-step="s1"]'));
  await takeBack(page);
  await page.waitForSelector('[data-step="s1"]');
  assert.equal((await steps()).length, 5);
}

export async function two_answers_both_stand_until_somebody_chooses(page) {
  await openOffers(page, "B.");
  await unfold(page, "therapy");
  const voices = await page.locator(".voice").allInnerTexts();
  assert.equal(voices.length, 2);
  assert.ok(voices[0].includes("I gang") && voices[1].includes("Tilbudt") && voices[1].includes("Mikkel"));
  assert.equal(await word(page, "therapy").then((w) => w.endsWith("Tilbudt")), true, "the lower rung applies meanwhile");
  await page.locator("[data-set]").click();
  assert.equal(await page.locator('[data-status][aria-pressed="true"]').count(), 0, "no value is emphasised beforehand");
  await page.locator('[data-status="offered"]').click();
  await page.locator(".voice").first().waitFor({ state: "detached" });
  await takeBack(page);
  await page.locator(".voice").first().waitFor();
}

export async function a_promise_needs_only_its_words_and_names_its_alias_and_day(page) {
  await openCase(page);
  await page.locator('[data-add="promise"]').click();
  await page.locator("[data-save]").click();
  assert.ok((await page.locator(".err").innerText()).includes("Skriv et par ord"), "the words are needed");
  await page.locator("#what").fill("At følge med til lægen");
  await page.locator("[data-save]").click();
  await page.locator(".sheet").waitFor({ state: "detached" });
  const line = page.locator("[data-item]", { hasText: "At følge med til lægen" });
  await line.waitFor();
  assert.ok((await line.innerText()).includes("Falken · i morgen"));
  await takeBack(page);
  await line.waitFor({ state: "detached" });
}

export async function from_today_a_promise_asks_who_and_stands_in_the_list(page) {
  await page.locator('[data-add="promise"]').click();
  await page.locator("#what").fill("At tage mål til gardiner");
  await page.locator("[data-save]").click();
  assert.ok((await page.locator(".sheet").innerText()).includes("Vælg, hvem det handler om."));
  await page.locator('[data-person="c2"]').click();
  await page.locator('[data-whom="other"]').click();
  await page.locator(".whom").fill("hans mor");
  await page.locator("[data-save]").click();
  const line = page.locator("[data-item]", { hasText: "At tage mål til gardiner" });
  await line.waitFor();
  assert.ok((await line.innerText()).includes("Lille Åge · lovet til hans mor · i morgen"), await line.innerText());
}

export async function a_half_written_promise_survives_a_closed_sheet_and_a_lock(page) {
  await openCase(page);
  const open = () => page.locator('[data-add="promise"]').click();
  await open();
  await page.locator("#what").fill("At ringe til");
  await page.keyboard.press("Escape");
  await open();
  assert.equal(await page.locator("#what").inputValue(), "At ringe til");
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.waitForSelector(".pad3");
  assert.ok(!(await page.content()).includes("At ringe til"), "nothing of it is in the locked page");
  for (const digit of "123456") await page.locator(".pad3 button", { hasText: digit }).click();
  await page.waitForSelector(".facts");
  await open();
  assert.equal(await page.locator("#what").inputValue(), "At ringe til");
  await page.locator("[data-save]").click();
  await open();
  assert.equal(await page.locator("#what").inputValue(), "", "once saved it waits no more");
}

export async function a_task_is_moved_in_three_taps_ticked_and_removed_and_each_is_taken_back(page) {
  await openCase(page);
  const line = () => page.locator('[data-item="t1"]').innerText();
  await page.locator('[data-item="t1"] .words').click();
  await page.locator("[data-day]").nth(1).click();
  await page.locator("[data-save]").click();
  await page.waitForFunction(() => document.querySelector('[data-item="t1"]')?.textContent.includes("i morgen"));
  await takeBack(page);
  await page.waitForFunction(() => document.querySelector('[data-item="t1"]')?.textContent.includes("i dag"));
  assert.ok((await line()).includes("Falken · i dag"));

  await page.locator('[data-item="t1"] .tick').click();
  await page.locator('[data-item="t1"]').waitFor({ state: "detached" });
  await takeBack(page);
  await page.locator('[data-item="t1"]').waitFor();

  await page.locator('[data-item="t1"] .words').click();
  await page.locator("[data-remove]").click();
  await page.locator('[data-item="t1"]').waitFor({ state: "detached" });
  await takeBack(page);
  await page.locator('[data-item="t1"]').waitFor();
  assert.deepEqual((await items(page)).toSorted(), ["c1-next", "t1"]);
}

export async function what_was_ticked_before_can_be_unticked(page) {
  await openCase(page);
  await page.locator('[data-item="t1"] .tick').click();
  await page.locator('[data-item="t1"]').waitFor({ state: "detached" });
  await page.locator(".gone[aria-expanded]").click();
  await page.locator('[data-item="t1"] .tick').click();
  await page.waitForSelector('[data-item="t1"] .words');
}

export async function a_contact_and_a_note_go_only_by_their_sheet_and_come_back(page) {
  await openCase(page);
  assert.equal(await page.locator('[data-entry="note"]', { hasText: "Lejligheden er god" }).locator(".iconbtn").count(), 0, "another person's words are not ours to remove");
  for (const [kind, text] of [["meeting", "Telefon, 40 min."], ["note", "Anden gang til træning"]]) {
    const entry = page.locator(`[data-entry="${kind}"]`, { hasText: text });
    await entry.locator(".iconbtn").click();
    assert.ok((await page.locator(".sheet").innerText()).includes("ti sekunder"), "what it means stands before the button");
    await page.locator("[data-remove]").click();
    await entry.waitFor({ state: "detached" });
    assert.ok((await bar(page)).startsWith("Fjernet"));
    await takeBack(page);
    await entry.waitFor();
  }
  await page.locator(".sect .draft + .more").click();
  await page.locator("[data-remove]").click();
  await page.locator(".draft").waitFor({ state: "detached" });
  await takeBack(page);
  await page.locator(".draft").waitFor();
}

export async function what_could_not_be_saved_is_said_and_stays(page) {
  await page.evaluate(() => (globalThis.pretend.setTaskDone = async () => Promise.reject({ code: "vault.full", wait_s: null })));
  await page.locator('[data-item="t1"] .tick').click();
  const told = page.locator(".snack [role=alert]");
  await told.waitFor();
  assert.ok((await told.innerText()).includes("telefonen er fuld"));
  await page.locator('[data-item="t1"]').waitFor();
  await page.locator(".snack button").click();
  await told.waitFor({ state: "detached" });
}

export async function the_bar_stays_ten_seconds_and_waits_while_it_has_focus(page) {
  await wind(page);
  await page.waitForSelector("[data-item]");
  await page.locator('[data-item="t1"] .tick').click();
  await page.locator("[data-undo]").focus();
  await page.clock.runFor(30_000);
  assert.equal(await page.locator(".snack").count(), 1, "it waits while it has focus");
  await page.locator("[data-undo]").blur();
  await page.clock.runFor(200);
  await page.mouse.move(1, 1);
  await page.clock.runFor(5_000);
  assert.equal(await page.locator(".snack").count(), 1, "what was left of the ten seconds begins when the focus goes");
  await page.clock.runFor(6_000);
  assert.equal(await page.locator(".snack").count(), 0);
}

export async function the_history_tells_what_was_just_done_newest_first(page) {
  await openCase(page);
  await page.locator('[data-item="t1"] .tick').click();
  await page.locator("[data-undo]").waitFor();
  await takeBack(page);
  await page.locator('[data-open="history"]').click();
  await page.waitForSelector("[data-act]");
  const acts = await page.locator("[data-act]").evaluateAll((all) => all.map((e) => e.dataset.act));
  assert.deepEqual(acts.slice(0, 3), ["task.open", "task.done", "task.add"]);
  const text = await page.locator("main").innerText();
  assert.ok(text.includes("Du satte hak ved ”At ringe til boligselskabet”."));
  assert.ok(text.includes("Hanne flyttede ”En anden bopæl” fra tilbudt til i gang."));
  assert.ok(text.includes("Nogen gjorde noget, som denne udgave af appen ikke kan vise. Det er gemt."), "an unknown act is said to be one");
  assert.ok(text.includes("Uret kan have gået forkert"));
  const days = await page.locator(".sect h2").allInnerTexts();
  assert.deepEqual(days.slice(0, 3), ["I dag", "I går", "Lørdag 21. november"]);
  assert.equal(new Set(days).size, days.length);
}

export async function search_asks_once_after_a_pause_finds_other_spellings_and_forgets(page) {
  await page.evaluate(() => {
    const { search } = globalThis.pretend;
    globalThis.asked = [];
    globalThis.pretend.search = (text) => (globalThis.asked.push(text), search(text));
  });
  await page.locator("[data-search]").click();
  const field = page.locator("search input");
  await page.waitForFunction(() => document.activeElement?.matches("search input"));
  await field.pressSequentially("noegle");
  await page.waitForSelector("[data-hit]");
  const asked = await page.evaluate(() => globalThis.asked);
  assert.ok(asked.length <= 2 && asked.at(-1) === "noegle", `asked ${asked}`);
  assert.ok((await page.locator("#only-here").innerText()).includes("Søger kun på telefonen. Viser også ”nøgle”."));
  const mark = await page.locator("mark").first().evaluate((e) => ({ text: e.textContent, edge: getComputedStyle(e).boxShadow, tint: getComputedStyle(e).backgroundColor }));
  assert.equal(mark.text, "nøglen");
  assert.ok(mark.edge !== "none" && mark.tint !== "rgba(0, 0, 0, 0)", "a hit has a tint and an edge");
  await page.locator('[data-hit="note"]').click();
  await page.waitForFunction(() => document.querySelector("textarea")?.value.includes("nøglen"));
  await page.locator(".top .iconbtn").first().click();
  assert.equal(await page.locator(".who h1").innerText(), "Falken");
  await page.locator(".top .iconbtn").first().click();
  await page.locator("[data-search]").click();
  assert.equal(await page.locator("search input").inputValue(), "", "nothing is kept");
  assert.equal(await page.locator("[data-hit]").count(), 0);
}

export async function a_hit_opens_the_thing_itself(page) {
  const find = async (text, kind) => {
    await page.locator("[data-search]").first().click();
    await page.locator("search input").fill(text);
    await page.locator(`[data-hit="${kind}"]`).first().click();
  };
  const home = () => page.locator(".top .iconbtn").first().click();
  await find("måleraflæsning", "offer");
  await page.waitForSelector('[data-offer="relocation"] [data-step="s4"].here');
  await home();
  await home();
  await find("idrætshallen", "meeting");
  await page.waitForSelector('[data-entry="meeting"].here');
  await home();
  await find("boligselskabet", "task");
  await page.waitForSelector('[data-item="t1"].here');
}

export async function search_says_when_there_is_nothing_and_when_it_could_not_look(page) {
  await page.locator("[data-search]").click();
  await page.locator("search input").fill("xyzzy");
  await page.waitForFunction(() => document.querySelector(".empty[role=status]")?.textContent.includes("Det står ikke på telefonen"));
  await page.evaluate(() => globalThis.pretend.failWith("vault.damaged"));
  await page.locator("search input").fill("nøgle");
  await page.waitForSelector("[role=alert]");
  await page.evaluate(() => globalThis.pretend.failWith(null));
  await page.locator("[role=alert] .btn").click();
  await page.waitForSelector("[data-hit]");
}

export async function from_today_and_from_the_case_one_tap_leads_to_what_needs_a_choice(page) {
  await page.locator('[data-open="conflicts"]').click();
  await page.waitForSelector(".conflict");
  const all = await page.locator(".conflict").count();
  assert.equal(await page.locator("[data-count]").innerText(), String(all));
  await page.locator(".top .iconbtn").first().click();
  await page.waitForSelector(".tile");
  await openCase(page, "B.");
  await page.locator("[data-choose]").click();
  await page.waitForSelector(".conflict");
  const of = page.locator(".conflict", { hasText: /^\s*B\./ }).first();
  assert.ok((await of.locator(".about").innerText()).startsWith("B."));
  await page.waitForFunction(() => [...document.querySelectorAll(".conflict")].some((e) => e.textContent.startsWith("B.") && Math.abs(e.getBoundingClientRect().top) < innerHeight / 2));
  await of.locator('[data-keep="2"]').click();
  await page.waitForSelector(".told");
  assert.equal(await page.locator(".conflict").count(), all, "what was chosen stays in sight, with the way to take it back");
  await page.locator(".told [data-undo]").click();
  await page.waitForFunction(() => document.querySelector(".told")?.textContent.includes("Fortrudt"));
}

async function leaveField(page) {
  await page.locator("textarea").blur();
  await page.waitForFunction(() => !document.activeElement?.matches("textarea, input"));
}

export async function keys_lead_to_search_but_never_while_somebody_writes(page) {
  const wide = (await page.locator(".desk").count()) > 0;
  const room = () => page.locator("search input").count();
  // on the wide screen the slash finds a case in the list, on a phone it leads to the room
  const found = () => (wide ? page.evaluate(() => document.activeElement.matches("[data-find]")) : room().then(Boolean));
  const arrived = () => page.waitForFunction((s) => document.activeElement?.matches(s), wide ? "[data-find]" : "search input");
  await page.keyboard.press("Control+k");
  await page.waitForSelector("search input");
  for (let i = 0; i < 2 && (await room()); i++) await page.keyboard.press("Escape");
  assert.equal(await room(), 0);
  await page.keyboard.press("/");
  await arrived();
  for (let i = 0; i < 2 && (await found()); i++) await page.keyboard.press("Escape");
  assert.equal(await found(), false);

  await openCase(page);
  await page.locator(NEW_NOTE).click();
  await page.locator("textarea").pressSequentially("km/t");
  assert.deepEqual([await room(), await found()], [0, false]);
  assert.ok((await page.locator("textarea").inputValue()).includes("km/t"));
  await page.keyboard.press("Control+k");
  await page.waitForSelector("search input");
  for (let i = 0; i < 2 && (await room()); i++) await page.keyboard.press("Escape");

  if (!wide) return;
  await toSettings(page);
  await page.locator('.pick [data-key="off"]').click();
  await openCase(page);
  await page.locator(NEW_NOTE).click();
  await page.locator("textarea").pressSequentially("km/t");
  await leaveField(page);
  await page.keyboard.press("/");
  await page.waitForTimeout(150);
  assert.deepEqual([await room(), await found()], [0, false], "single keys can be turned off");
}
from_today_and_from_the_case_one_tap_leads_to_what_needs_a_choice.wishes = { conflicts: "8" };
keys_lead_to_search_but_never_while_somebody_writes.sizes = [SIZES["1440"], PHONE];

const STORIES = [
  the_nine_stand_in_order_in_official_words_and_their_counts_add_to_nine, the_tenth_appears_as_øvrige_when_it_is_used, any_status_follows_any_and_is_taken_back, what_changed_nothing_shows_no_bar,
  steps_are_ticked_added_and_removed_and_each_is_taken_back, two_answers_both_stand_until_somebody_chooses, a_promise_needs_only_its_words_and_names_its_alias_and_day,
  from_today_a_promise_asks_who_and_stands_in_the_list, a_task_is_moved_in_three_taps_ticked_and_removed_and_each_is_taken_back, what_was_ticked_before_can_be_unticked, a_half_written_promise_survives_a_closed_sheet_and_a_lock,
  a_contact_and_a_note_go_only_by_their_sheet_and_come_back, what_could_not_be_saved_is_said_and_stays, the_bar_stays_ten_seconds_and_waits_while_it_has_focus,
  the_history_tells_what_was_just_done_newest_first, search_asks_once_after_a_pause_finds_other_spellings_and_forgets, a_hit_opens_the_thing_itself,
  search_says_when_there_is_nothing_and_when_it_could_not_look, from_today_and_from_the_case_one_tap_leads_to_what_needs_a_choice, keys_lead_to_search_but_never_while_somebody_writes,
];

/** tells stories whose name fits; a story may name sizes and wishes of its own */
export async function tellStories(chrome, stories, only = /./) {
  const server = await serve();
  const failed = [];
  const told = [];
  const wanted = stories.filter((s) => only.test(s.name)).flatMap((story) => (story.sizes ?? [story.size ?? PHONE]).map((size) => [story, size]));
  for (const [story, size] of wanted) {
    const page = await phone(chrome, server.base, story.wishes, size);
    try {
      await story(page);
      assert.deepEqual(page.complaints, []);
      told.push(story.name);
    } catch (thrown) {
      failed.push(`${story.name} ${size.width}×${size.height}: ${thrown.message}`);
    }
    await page.context().close();
  }
  server.close();
  return { told, failed };
}

export const caseStories = (chrome, only) => tellStories(chrome, STORIES, only);
