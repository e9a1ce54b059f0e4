// Laws of the house that the compiler does not know: who may import whom, where $effect stands, how long a file may be.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const src = join(dirname(fileURLToPath(import.meta.url)), "..", "src");
const FEATURES = ["address", "appointment", "unlock", "today", "cases", "note", "meeting", "sync", "tasks", "offers", "history", "search", "conflicts", "people", "team", "settings", "help", "about", "report", "first"];
const LOWER = ["secret", "live", "host", "words", "parts"];
/** what each room may name, besides itself */
const MAY = {
  app: [...FEATURES, ...LOWER],
  ...Object.fromEntries(FEATURES.map((f) => [f, LOWER])),
  secret: ["live", "host", "words", "parts"],
  live: ["host"],
  words: ["host"],
  host: [],
  parts: [],
  style: [],
};
const LONGEST = { ".svelte": 300, ".ts": 400 };

const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((f) => /\.(svelte|ts)$/.test(f));
const found = [];
/** made by a test from the Rust types */
const GENERATED = "host/bindings.ts";

for (const file of files) {
  const text = readFileSync(join(src, file), "utf8");
  const room = file.includes("/") ? file.split("/")[0] : "app";
  const ending = file.endsWith(".svelte") ? ".svelte" : ".ts";
  const lines = text.split("\n").length;
  if (file !== GENERATED && lines > LONGEST[ending]) found.push(`${file}: ${lines} lines, at most ${LONGEST[ending]}`);
  if (!(room in MAY)) found.push(`${file}: no such room as ${room}`);

  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|<!--[\s\S]*?-->/gm, "");
  for (const [, name] of code.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)) {
    if (name.startsWith("@tauri-apps") && room !== "host") found.push(`${file}: only host/ may name ${name}`);
    if (!name.startsWith(".")) continue;
    const target = relative(src, resolve(join(src, dirname(file)), name)).split("/")[0];
    if (target !== room && room in MAY && !MAY[room].includes(target) && file.includes("/")) found.push(`${file}: ${room} may not import ${target}`);
  }
  if (/\$effect\b/.test(code) && !["live", "parts"].includes(room)) found.push(`${file}: $effect belongs in live/ and parts/`);
  if (/\b(localStorage|indexedDB)\b/.test(code)) found.push(`${file}: nothing is kept in the browser`);
  if (ending === ".svelte" && /<[a-z][^>]*\sstyle="/.test(code)) found.push(`${file}: a style attribute; the page's policy forbids them`);
}

for (const line of found) console.error(line);
console.log(found.length ? `${found.length} findings` : `tidy: ${files.length} files`);
process.exit(found.length ? 1 : 0);
