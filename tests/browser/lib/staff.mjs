// Members of the staff: the demo city's accounts, logged in as people do it, and what all of them do.

import assert from 'node:assert/strict';
import { visitor } from './browser.mjs';

export const PASSWORD = 'minamo-demo-2026';

/** Pages of five roles; an article and a section stand for all others. */
export const staffPages = {
  'shimin-sakusei': ['/', '/me', '/articles', '/articles/tennyu', '/articles/tennyu/wordings', '/trial?q=引っ越した', '/thesaurus', '/drafts', '/board', '/questions', '/inquiries'],
  chosei: ['/inquiries/new', '/rounds/new', '/articles/import', '/thesaurus/new', '/thesaurus/import'],
  'kanri-1': ['/admin', '/organisation', '/organisation/shimin', '/reorganisations', '/accounts', '/accounts/new', '/changes', '/jobs', '/messages', '/settings', '/status'],
  kansa: ['/audit'],
  kojin: ['/people', '/simulators/mailbox'],
};

/** Length of a step of the second factor; a device shows one code in it. */
const STEP = 30_000;
/** The step of the code that an account used last, by house. */
const used = new WeakMap();

/**
 * Waits until an account may log in once more: each code works once, and the program takes no code that is more than
 * one step ahead. People who log in every few seconds would have to wait as well.
 */
async function untilNextCode(house, login) {
  const steps = used.get(house) ?? used.set(house, new Map()).get(house);
  const next = Math.max(Math.floor(house.now() / STEP), (steps.get(login) ?? 0) + 1);
  steps.set(login, next);
  const wait = (next - 1) * STEP - house.now();
  if (wait > 0) {
    await new Promise((resolve) => setTimeout(resolve, wait + 500));
  }
}

/** Login name, password and the code that the log-in page of a demo shows; stays on what comes of it. */
export async function tryLogIn({ page }, house, login, password = PASSWORD) {
  await page.goto(`${house.staff}/login`);
  await page.locator('#login').fill(login);
  await page.locator('#password').fill(password);
  await press(page, 'つぎへ');
  if (await page.locator('#code').count()) {
    await untilNextCode(house, login);
    await page.reload();
    await page.locator('#code').fill((await page.locator('code.code').innerText()).trim());
    await press(page, 'ログイン');
  }
}

/** A window in which an account of the demo city is logged in. */
export async function logIn(person, house, login, password) {
  await tryLogIn(person, house, login, password);
  await person.page.getByRole('heading', { level: 1, name: 'きょう' }).waitFor();
  return person.page;
}

/** Another person in a window of their own, logged in. */
export async function colleague(browser, house, login, settings = {}) {
  const person = await visitor(browser, house, { origin: house.staff, ...settings });
  await logIn(person, house, login);
  return person;
}

/** Presses a button or follows a link, by its words or found already, and waits for the next page. */
export async function press(page, what) {
  const target = typeof what === 'string' ? page.getByRole('button', { name: what, exact: true }).first() : what;
  const next = page.waitForEvent('load');
  await target.click();
  await next;
}

/** The same with a button that asks first; gives its question. */
export async function pressAndAgree(page, what) {
  let question = '';
  page.once('dialog', (dialog) => {
    question = dialog.message();
    dialog.accept();
  });
  await press(page, what);
  assert.notEqual(question, '', 'the button asks first');
  return question;
}

/** Follows the link with these words. */
export const follow = (page, words, options = {}) => press(page, page.getByRole('link', { name: words, ...options }).first());

/** What the page says was done. */
export const notice = (page) => page.locator('p.done').innerText();

/**
 * Opens a page again and again until it shows something: other parts of the program are at work meanwhile. The board
 * may be a minute old.
 */
export async function untilShown(page, address, find, pause = 250) {
  const until = Date.now() + 75_000;
  while (Date.now() < until) {
    await page.goto(address);
    if (await find(page).count()) {
      return;
    }
    await page.waitForTimeout(pause);
  }
  assert.fail(`${address} never shows ${find(page)}`);
}

/** A step, from the page of the reorganisation and back to it. */
export async function reorganisationStep(page, kind, fill) {
  await press(page, page.locator('.todo').getByRole('link', { name: new RegExp(`^${kind}`) }));
  await fill();
  await press(page, '加える');
  assert.equal(await notice(page), '保存しました。');
}
