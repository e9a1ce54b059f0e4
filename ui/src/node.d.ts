// The little that tests use of Node; the page itself has none of it.
declare module "node:fs" {
  export function readFileSync(path: string, encoding: "utf8"): string;
  export function readFileSync(path: string): Uint8Array;
}

declare module "fontkit" {
  export type Glyph = { id: number; path: { commands: unknown[] } };
  export type Font = { familyName: string; hasGlyphForCodePoint(point: number): boolean; glyphForCodePoint(point: number): Glyph };
  export function create(bytes: Uint8Array): Font;
}
