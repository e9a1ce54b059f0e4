import { describe, expect, it } from "vitest";
import { daOn } from "./da";
import { fieldName, valueName } from "./conflict";

const da = daOn("telefonen");
const now = new Date(2026, 10, 24, 13, 4).getTime();
const task = { id: "t1", title: "Ringe til boligselskabet" } as never;
const c = { tasks: [task], offers: [] };

describe("a conflict in people's words", () => {
  it("names what it is about", () => {
    expect(fieldName(da, "task.t1.due", c)).toBe("Datoen (Ringe til boligselskabet)");
    expect(fieldName(da, "offer.therapy.status", c)).toBe("Terapeutisk hjælp");
    expect(fieldName(da, "profile.alias", c)).toBe("Aliasset");
  });

  it("names the values, also those that say nothing", () => {
    expect(valueName(da, "offer.therapy.status", "running", now)).toBe("i gang");
    expect(valueName(da, "task.t1.done", "", now)).toBe("ikke gjort");
    expect(valueName(da, "task.t1.due", "2026-11-26", now)).toBe("torsdag 26. november");
    expect(valueName(da, "task.t1.due", "2027-01-07", now)).toBe("torsdag 7. januar 2027");
    expect(valueName(da, "task.t1.done", "2026-11-20", now)).toBe("gjort fredag 20. november");
    expect(valueName(da, "profile.alias", "Falken", now)).toBe("Falken");
    expect(valueName(da, "meeting.m1.at", String(new Date(2026, 10, 23, 14, 32).getTime()), now)).toBe("mandag 23. november 14.32");
    expect(fieldName(da, "meeting.m1.at", c)).toBe("Tidspunktet");
    expect(valueName(da, "profile.programme", "municipal", now)).toBe("kommunalt forløb");
  });
});
