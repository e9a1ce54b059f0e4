// The reasons for looking, as a person chooses between them.
import type { Purpose } from "../host/bindings";
import type { Words } from "../words/da";

const ALL: Purpose[] = ["visit", "move", "authority", "danger", "check"];

export const purposes = (w: Words) => ALL.map((key) => ({ key, label: w.purpose(key) }));
