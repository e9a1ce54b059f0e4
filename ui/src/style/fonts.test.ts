// @vitest-environment node
import { readFileSync } from "node:fs";
import { create, type Font } from "fontkit";
import { describe, expect, it } from "vitest";

type Face = { family: string; file: string; covers: (point: number) => boolean; font: Font };

const tokens = readFileSync("src/style/tokens.css", "utf8");

/** every font file as the style sheet gives it to a browser: only for the characters of its range */
const faces: Face[] = [...tokens.matchAll(/@font-face \{([^}]*)\}/g)].map(([, rule = ""]) => {
  const part = (pattern: RegExp) => pattern.exec(rule)?.[1] ?? "";
  const ranges = part(/unicode-range:\s*([^;]*);/).split(",").map((range) => range.trim().slice(2).split("-").map((end) => Number.parseInt(end, 16)));
  const file = part(/url\("([^"]*)"\)/);
  return {
    family: part(/font-family: "([^"]*)"/), file, font: create(readFileSync(`src/style/${file}`)),
    covers: (point) => ranges.some(([first = NaN, last = first]) => point >= first && point <= last),
  };
});
/** the font that the app speaks in, and the one that people speak in */
const spoken = ["app", "person"].map((voice) => new RegExp(`--font-${voice}: "([^"]*)"`).exec(tokens)?.[1] ?? "");

/** drawn by one of our own files of this family: an outline, and not the box for what is missing */
function drawn(family: string, character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  const face = faces.find((f) => f.family === family && f.covers(point));
  if (!face?.font.hasGlyphForCodePoint(point)) return false;
  const glyph = face.font.glyphForCodePoint(point);
  return glyph.id !== 0 && (glyph.path.commands.length > 0 || character.trim() === "");
}
const missing = (family: string, characters: Iterable<string>) => [...new Set(characters)].filter((c) => !drawn(family, c));

const words = import.meta.glob<string>("../words/**/*.ts", { query: "?raw", import: "default", eager: true });

describe("the fonts that are shipped", () => {
  it("draw æ, ø, å, é, dashes and quotes in every face that a screen is set in", () => {
    expect(spoken).toEqual(["Schibsted Grotesk", "Literata"]);
    for (const family of spoken) expect([family, missing(family, "æøåÆØÅéÉ–—“”‘’…·§½")]).toEqual([family, []]);
  });

  it("draw every character of the words the app says", () => {
    const said = Object.entries(words).filter(([file]) => !file.endsWith(".test.ts")).flatMap(([, text]) => [...text.matchAll(/"(?:[^"\\]|\\.)*"|`[^`]*`/g)].map((m) => m[0]));
    const characters = new Set(said.join(""));
    expect(characters.size).toBeGreaterThan(80);
    for (const family of spoken) expect([family, missing(family, [...characters].filter((c) => c !== "\n"))]).toEqual([family, []]);
  });

  it("draw whatever lies in their range of the letters of European names, and leave Arabic to its own", () => {
    for (const family of spoken) expect([family, missing(family, "ÀÉÎÕÜßàéîõüÿąćęłńóśźżčďěňřšťůžğışđðþŐőŰű")]).toEqual([family, []]);
    expect(missing("Noto Sans Arabic", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي؟،")).toEqual([]);
    expect(faces.filter((f) => f.family === "Noto Sans Arabic" && f.covers(0xe6))).toEqual([]);
  });

  it("are all there and all named", () => {
    const kept = Object.keys(import.meta.glob("./fonts/*.woff2", { query: "?url" })).map((file) => file.slice(2));
    expect(faces.map((f) => f.file).toSorted()).toEqual(kept.toSorted());
    for (const { family, font } of faces) expect(font.familyName).toBe(family);
  });
});
