// The language the app speaks just now. `say()` in a template follows a change of language by itself.
import type { Lang } from "../host/bindings";
import { daOn, type Words } from "./da";
import { enOn } from "./en";

const onPhone = typeof matchMedia !== "function" || matchMedia("(pointer: coarse), (max-width: 899px)").matches;
const da = daOn(onPhone ? "telefonen" : "computeren");
const en = enOn(onPhone ? "phone" : "computer");

let lang = $state<Lang>("da");

export const say = (): Words => (lang === "da" ? da : en);

export function speak(next: Lang) {
  lang = next;
  if (typeof document !== "undefined") document.documentElement.lang = next;
}
