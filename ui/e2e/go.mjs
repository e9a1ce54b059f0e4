// Ways through the app that many tests take, on a phone and on a desk.
export const row = (page, alias) => page.locator(".caserow", { hasText: alias });

/** the tab or the rail */
export async function toCases(page) {
  const rail = page.locator('[data-place="cases"]');
  await ((await rail.count()) ? rail : page.locator(".bar button").nth(1)).click();
}

export async function openCase(page, alias = "Falken") {
  const desk = await page.locator(".desk").count();
  await toCases(page);
  await (desk ? page.locator(".deskrow", { hasText: alias }).first() : row(page, alias).locator(".case")).click();
  await page.waitForSelector(".bridge");
}

export const NEW_NOTE = ".actions .btn:not(.primary), [data-write]";

export async function logFalken(page) {
  if (await page.locator(".desk").count()) {
    await openCase(page);
    return page.locator(".compose [data-log], .actions [data-log]").click();
  }
  await toCases(page);
  await row(page, "Falken").locator(".since").click();
}
