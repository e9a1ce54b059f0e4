import { describe, expect, it } from "vitest";
import { daOn } from "./da";
import { enOn } from "./en";
import { sentence } from "./errors";
import { caseDa } from "./parts/case.da";
import { deskDa } from "./parts/desk.da";
import { deviceDa } from "./parts/device.da";
import type { HelpPage } from "./parts/help.da";
import { size } from "./size";

const da = daOn("telefonen");
const en = enOn("phone");

/** every sentence of a page, as one reads it */
const prose = (page: HelpPage) =>
  page.pieces.flatMap((p) => ("text" in p ? [p.text] : "steps" in p ? p.steps : "list" in p ? p.list : "dots" in p ? p.dots.map(([, means]) => means) : []));

/** Björnsson's measure: words in a sentence, and how many of a hundred words have more than six letters */
function lix(texts: string[]): number {
  const text = texts.join(" ").replaceAll(/bb1-|https:\/\//g, "");
  const words = text.match(/[\p{L}\d]+/gu) ?? [];
  const sentences = text.match(/[.:?]+(\s|$)/g) ?? [];
  return words.length / Math.max(1, sentences.length) + (100 * words.filter((w) => w.length > 6).length) / words.length;
}

describe("help", () => {
  it("is easy to read: every Danish page has a LIX of at most 32", () => {
    for (const page of da.helpPages) {
      const texts = prose(page);
      for (const text of texts) expect(text, page.key).toMatch(/[.]$/);
      expect(lix(texts), page.key).toBeLessThanOrEqual(32);
    }
  });

  it("has the same pages of the same shape in both languages", () => {
    const shape = (pages: HelpPage[]) => pages.map((p) => [p.key, p.pieces.map((piece) => [Object.keys(piece)[0], Object.values(piece)[0].length * Number(!("text" in piece))])]);
    expect(shape(en.helpPages)).toEqual(shape(da.helpPages));
    expect(new Set(da.helpPages.map((p) => p.key)).size).toBe(da.helpPages.length);
  });

  it("is honest about a lost phone", () => {
    const lost = prose(da.helpPages.find((p) => p.key === "lost")!).join(" ");
    expect(lost).toMatch(/kan ikke spærre en telefon på afstand/);
    expect(lost).toMatch(/Ring til (din )?koordinator/);
  });
});

it("no part's words hide another's", () => {
  const own = { ...caseDa("telefonen"), ...deskDa("telefonen"), ...deviceDa("telefonen") };
  const sizes = [caseDa, deskDa, deviceDa].map((part) => Object.keys(part("telefonen")).length);
  expect(Object.keys(own).length).toBe(sizes.reduce((a, b) => a + b));
  for (const [key, value] of Object.entries(own)) expect(String(da[key as keyof typeof da]), key).toBe(String(value));
});

describe("what a person is told when a device is set up or must not be written", () => {
  const codes = [
    "vault.read_only", "vault.restored", "vault.newer", "org.min_version", "server.min_version", "vault.weak_secret", "vault.no_keystore", "vault.exists", "vault.file", "vault.database", "org.exists", "org.closed",
    "enrol.bad_invitation", "enrol.no_invitation", "log.bad_invitation", "enrol.already_asked", "enrol.too_many", "net.insecure", "net.bad_answer", "auth.revoked", "env.revoked_author",
  ];

  it("has a sentence of its own for each, in both languages, without the code", () => {
    for (const code of codes) for (const w of [da, en]) expect(sentence(w, { code }), code).not.toMatch(/[({]|app\.unknown|gik anderledes|differently/);
    for (const code of codes) expect(sentence(da, { code }), code).not.toBe(sentence(da, { code: `${code.split(".")[0]}.*` }));
  });

  it("says the mend of an old app: update it", () => {
    for (const code of ["vault.read_only", "vault.newer", "org.min_version", "server.min_version"]) {
      expect(sentence(da, { code }), code).toMatch(/Opdatér (appen|den)/);
      expect(sentence(en, { code }), code).toMatch(/Update (the app|it)/);
    }
    expect(da.readOnly).toMatch(/^Kan læses, ikke skrives\./);
  });

  it("has words of its own while nothing is on the device yet", () => {
    for (const w of [da, en]) {
      for (const code of ["net.offline", "net.bad_answer", "net.insecure", "vault.full", "auth.clock", "auth.not_allowed", "vault.wrong_secret"]) expect(w.firstTold(code)).toBeTruthy();
      expect(w.firstTold("enrol.bad_invitation")).toBeNull();
    }
    expect(da.firstTold("net.offline")).toMatch(/^Intet er gået tabt\./);
  });
});

it("says sizes as people do", () => {
  expect([400, 940_000, 48_300_000, 1_240_000_000, 12_300_000_000].map((n) => size(da, n))).toEqual(["1 kB", "940 kB", "48 MB", "1,2 GB", "12 GB"]);
  expect(size(en, 1_240_000_000)).toBe("1.2 GB");
});
