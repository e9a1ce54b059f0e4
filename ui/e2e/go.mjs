// Ways through the app that many tests take, on a phone and on a desk.
export const row = (page, alias) => page.locator(".caserow", { hasText: alias });

export async function openCase(page, alias = "Falken") {
  if (await page.locator(".desk").count()) {
    await page.locator('[data-place="cases"]').click();
    await page.locator(".deskrow", { hasText: alias }).click();
  } else {
    await page.locator(".bar button").nth(1).click();
    await row(page, alias).locator(".case").click();
  }
  await page.waitForSelector(".bridge");
}

/** the tab or the rail */
export async function toCases(page) {
  const rail = page.locator('[data-place="cases"]');
  await ((await rail.count()) ? rail : page.locator(".bar button").nth(1)).click();
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
