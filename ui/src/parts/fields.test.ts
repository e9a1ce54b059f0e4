import { expect, it } from "vitest";

const files = import.meta.glob<string>("../**/*.svelte", { query: "?raw", import: "default", eager: true });

/** every place where text can be typed, with the file it stands in */
function fields(): { file: string; tag: string }[] {
  return Object.entries(files).flatMap(([file, text]) => {
    const tags = text.match(/<(?:input|textarea)\b(?:\{[^}]*\}|=>|[^>])*>|<[a-z][^<]*\bcontenteditable\b[^<]*>/g) ?? [];
    return tags.filter((tag) => !/\btype="(radio|checkbox)"/.test(tag)).map((tag) => ({ file, tag }));
  });
}

/** what a field has to say, so that no system fills it in, corrects it, checks it elsewhere or proposes how to go on */
const QUIET = ['autocomplete="off"', 'autocorrect="off"', 'spellcheck="false"', 'writingsuggestions="false"'];
/** where a sentence or a name is written the first letter may be large; nowhere else is a letter changed */
const LARGE: Record<string, string[]> = {
  "../note/NoteScreen.svelte": ["sentences"],
  "../appointment/NewAppointmentSheet.svelte": ["sentences"],
  "../tasks/AddTaskSheet.svelte": ["sentences", "words"],
  "../offers/AddStepSheet.svelte": ["sentences"],
  "../app/DeskNew.svelte": ["words", "none"],
  "../people/EnrolWho.svelte": ["words"],
  "../people/EnrolCompare.svelte": ["none"],
  "../people/Typed.svelte": ["none"],
  "../app/DeskList.svelte": ["none"],
  "../search/SearchScreen.svelte": ["none"],
  "../unlock/Lock.svelte": ["none"],
  "../secret/SecretAgain.svelte": ["none"],
  "../address/EnterView.svelte": ["words"],
  "../address/DayField.svelte": ["none"],
  // "words" for the names of the organisation and of oneself, "none" for what is secret and for addresses
  "./Ask.svelte": ["none", "{capital}"],
};

it("no field lets the system fill in, correct, check the spelling or go on writing", () => {
  const wrong = fields().flatMap(({ file, tag }) => QUIET.filter((word) => !tag.includes(word)).map((word) => `${file}: ${word} is missing in ${tag.slice(0, 60)}`));
  expect(wrong).toEqual([]);
});

it("the first letter is made large only where a sentence or a name is written", () => {
  const found: Record<string, string[]> = {};
  for (const { file, tag } of fields()) (found[file] ??= []).push(/\bautocapitalize="?([a-z]+|\{capital\})/.exec(tag)?.[1] ?? "not said");
  expect(found).toEqual(LARGE);
});
