// Members of the staff: the demo city's accounts, logged in as people do it.

import { visitor } from './browser.mjs';

const PASSWORD = 'minamo-demo-2026';

/** A window in which an account of the demo city is logged in. The log-in page of a demo shows the code. */
export async function logIn(person, house, login) {
  const { page } = person;
  await page.goto(`${house.staff}/login`);
  await page.locator('#login').fill(login);
  await page.locator('#password').fill(PASSWORD);
  await page.getByRole('button', { name: 'つぎへ' }).click();
  await page.locator('#code').fill((await page.locator('code.code').innerText()).trim());
  await page.getByRole('button', { name: 'ログイン' }).click();
  await page.getByRole('heading', { level: 1, name: 'きょう' }).waitFor();
  return page;
}

/** Another person in a window of their own, logged in. */
export async function colleague(browser, house, login, settings = {}) {
  const person = await visitor(browser, house, { origin: house.staff, ...settings });
  await logIn(person, house, login);
  return person;
}
