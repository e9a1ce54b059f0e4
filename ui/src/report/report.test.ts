import { expect, it, vi } from "vitest";
import { pretendWorld } from "../host/pretend";
import { Reporting } from "./report.svelte";

it("saves what was shown, word for word, and says where", async () => {
  const host = pretendWorld({ phase: "unlocked" });
  const shown = await host.report();
  host.saveReport = vi.fn(host.saveReport);
  const reporting = new Reporting(host);
  expect(reporting.place).toBeNull();
  await reporting.save(shown);
  expect(host.saveReport).toHaveBeenCalledExactlyOnceWith(shown);
  expect(reporting.place).toContain(shown.name);
});

it("says when the file could not be written", async () => {
  const host = pretendWorld({ phase: "unlocked" });
  const shown = await host.report();
  host.failWith("vault.full");
  const reporting = new Reporting(host);
  await reporting.save(shown);
  expect([reporting.place, reporting.error?.code, reporting.busy]).toEqual([null, "vault.full", false]);
});
