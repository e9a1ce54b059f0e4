// Ways through the app that many tests take.
export const row = (page, alias) => page.locator(".caserow", { hasText: alias });

export async function openCase(page, alias = "Falken") {
  if (await page.locator(".left").count()) await row(page, alias).locator(".case").click();
  else {
    await page.locator(".bar button").nth(1).click();
    await row(page, alias).locator(".case").click();
  }
  await page.waitForSelector(".facts");
}
