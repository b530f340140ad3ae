// Both ends of a conversation: what citizens and the desk do again and again.

import assert from 'node:assert/strict';
import { accessibility, contrast, frame, overflow } from './checks.mjs';
import { picture } from './pictures.mjs';
import { press } from './staff.mjs';
import { say } from './words.mjs';

/** Longest wait until the golden questions have run in a fresh city and the bot may answer. */
const GOLDEN = 60_000;

/** A button or link by its message; readings stand in brackets in a page's text. */
export const named = (page, lang, key) => page.locator('main :is(button, a)', { hasText: say(lang, key) }).first();

/** Begins a conversation with some words; stays on its page. */
export async function begin({ page, go, lang }, words = '') {
  await go('/contacts/new');
  await page.locator('#words').fill(words);
  await press(page, named(page, lang, 'chat-begin'));
  await page.waitForURL(/\/contacts\/\d+-\d+\//);
}

/** Begins conversations until the bot answers: in a fresh city the golden questions run first. */
export async function untilBotAnswers(person, words) {
  const until = Date.now() + GOLDEN;
  for (;;) {
    await begin(person, words);
    if ((await person.page.locator('.say.bot:not(.told)').count()) > 0) {
      return;
    }
    assert.ok(Date.now() < until, await person.page.locator('#messages').innerText());
    await person.page.waitForTimeout(1000);
  }
}

/** The citizen says something on the page of their conversation. */
export async function speak(page, words) {
  await page.locator('#words').fill(words);
  await page.getByRole('button', { name: '送る', exact: true }).click();
}

/** The citizen asks for a person, and waits. */
export async function wantPerson(page) {
  await page.locator('.chatways').getByRole('button', { name: '職員と話す' }).click();
  await page.locator('.chatways').getByRole('button', { name: '待つのをやめる' }).waitFor();
}

/** The bubbles of one side with these words: `me`, `bot` or `staff`. */
export const bubble = (page, who, words) => page.locator(`#messages .say.${who}`, { hasText: words });

/** The words of a conversation as the citizen sees them, one side or all. */
export const said = (page, who = '') => page.locator(`#messages .say${who} .bubble`).allInnerTexts();

/** Whether the citizen's newest words are in the window, above the field. */
export function seesNewest(page) {
  return page.evaluate(() => {
    const { top } = document.querySelector('#messages').lastElementChild.getBoundingClientRect();
    return top >= 0 && top < document.querySelector('#composer').getBoundingClientRect().top;
  });
}

/** Log-ins that were made already, by house and account: each code works once. */
const sessions = new WeakMap();

/** A window of the staff; who was logged in before in this house is so in the new window. */
export async function clerk(join, house, login, settings = {}) {
  const known = sessions.get(house) ?? sessions.set(house, new Map()).get(house);
  if (known.has(login)) {
    return join(undefined, { origin: house.staff, storageState: known.get(login), ...settings });
  }
  const person = await join(login, settings);
  known.set(login, await person.context.storageState());
  return person;
}

/** The link of a contact in the queue. */
export const queued = (page, words) => page.locator('#queue').getByRole('link', { name: words });

/** Opens a contact from the queue and takes it. */
export async function pickUp(page, words) {
  await press(page, queued(page, words));
  await press(page, '引き受ける');
  await page.locator('#reply').waitFor();
}

/** Answers from the desk with the keyboard. */
export async function reply(page, words) {
  await page.locator('#reply-words').fill(words);
  await page.locator('#reply-words').press('Control+Enter');
}

/** Opens a part of what can be done with a contact. */
export const unfold = (page, words) => page.locator('.acts summary', { hasText: words }).click();

/** Forgets that a window was cut off from the net. */
export function forgive({ faults }) {
  faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes('ERR_INTERNET_DISCONNECTED')));
}

/** A page of the desk in all the ways in which it is seen. */
export async function deskHolds(page, name) {
  assert.deepEqual(await accessibility(page), [], name);
  assert.deepEqual(await frame(page, 'ja'), [], name);
  const before = page.viewportSize();
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 640 });
    assert.deepEqual((await overflow(page)).filter((fault) => fault.startsWith('scrolls')), [], name);
  }
  await page.setViewportSize(before);
  for (const media of [{ colorScheme: 'dark' }, { media: 'print', colorScheme: 'light' }]) {
    await page.emulateMedia(media);
    assert.deepEqual(await contrast(page), [], `${name} ${JSON.stringify(media)}`);
  }
  await page.emulateMedia({ media: null, colorScheme: null });
  await picture(page, `desk-${name}`);
}

/**
 * Conversations with some words, one after the other, as forms without a window send them; every third wants a person.
 */
export async function crowd(house, words, number) {
  for (let i = 0; i < number; i += 1) {
    const headers = { 'x-forwarded-for': `2001:db8:ff:${i.toString(16)}::1` };
    const post = (path, fields) =>
      fetch(house.address + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual', headers });
    const submission = (0xc0ffee0000 + i).toString(16).padStart(32, '0');
    const made = await post('/contacts', { submission, words: words[i % words.length] });
    assert.equal(made.status, 303);
    if (i % 3 === 0) {
      assert.equal((await post(`${made.headers.get('location')}/hand-over`, {})).status, 303);
    }
  }
}
