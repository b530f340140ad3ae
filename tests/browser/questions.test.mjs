// Leaving a question, following it, taking it back, and the forms that come back.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { plainHost } from './lib/house.mjs';
import { receipt, untilAssigned } from './lib/pages.mjs';
import { stage } from './lib/stage.mjs';
import { languages, plain, prefix, say, typed } from './lib/words.mjs';

/** Opens the disclosure and confirms. */
async function takeBack(page, lang) {
  await page.getByText(say(lang, 'withdraw'), { exact: true }).click();
  await press(page, lang, 'withdraw-sure');
}

const journey = stage();

const NUMBER = /^質問-\d{4}-\d{4}$/;
const KEY = /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/;
const RECEIPT_ADDRESS = /\/questions\/\d{4}-\d{4}\/[0-9A-Z-]{19}\?new=1$/;

const button = (page, lang, key) => page.getByRole('button').filter({ hasText: say(lang, key) });
const box = (page) => page.locator('#body');

/** Presses a button that sends a form, and waits for the next page. */
async function press(page, lang, key) {
  const next = page.waitForEvent('load');
  await button(page, lang, key).last().click();
  await next;
}

/** Sends the question form as it stands and gives number and key. */
async function sends(page, lang) {
  await press(page, lang, 'leave-send');
  assert.match(page.url(), RECEIPT_ADDRESS, await page.title());
  return receipt(page);
}

async function looksUp(page, lang, number, key) {
  await page.getByRole('navigation').getByRole('link').filter({ hasText: say(lang, 'nav-questions') }).click();
  await page.locator('#number').fill(number);
  await page.locator('#key').fill(key);
  await press(page, lang, 'lookup-button');
}

/** The text that a screen reader adds to a field. */
const description = (page, field) =>
  page.locator(field).evaluate((element) =>
    element.getAttribute('aria-describedby').split(/\s+/).map((id) => document.getElementById(id).textContent).join(' '));

const focused = (page) => page.evaluate(() => document.activeElement.id);

for (const lang of languages) {
  describe(`a question in ${lang}`, () => {
    journey('is left, followed, looked up and taken back', { lang }, async (person, page, house) => {
      const words = `${typed.nothing[lang]} — どこに相談すればいいですか`;
      await person.go('/');
      await page.locator('#q').fill(typed.nothing[lang]);
      await page.keyboard.press('Enter');
      await page.getByRole('heading').filter({ hasText: say(lang, 'nothing-title') }).waitFor();
      // The words asked are in the form already.
      assert.equal(await box(page).inputValue(), typed.nothing[lang]);
      await box(page).fill(words);
      const { number, key } = await sends(page, lang);
      assert.match(number, NUMBER);
      assert.match(key, KEY);
      await page.getByRole('heading', { level: 1 }).filter({ hasText: say(lang, 'received-title') }).waitFor();

      await untilAssigned(page);
      const steps = page.locator('.steps li');
      assert.equal(await steps.nth(0).locator('b').textContent(), say(lang, 'step-received'));
      assert.equal(await steps.nth(1).locator('b').textContent(), say(lang, 'step-assigned'));
      const [section] = (await steps.nth(1).innerText()).split('\n').slice(-2);
      assert.ok(section.length > 2, 'the section is named');
      assert.equal(await steps.last().textContent(), say(lang, 'next-assigned'));

      // Later, with what was written on paper.
      await person.go('/');
      await looksUp(page, lang, number, key.toLowerCase().replaceAll('-', ''));
      assert.equal(new URL(page.url()).pathname, `${prefix[lang]}/questions/${number.slice(3)}/${key}`);
      assert.deepEqual(await receipt(page), { number, key });
      assert.equal(await page.locator('.quote').textContent(), words);
      assert.equal(await page.getByText(say(lang, 'received-title')).count(), 0);

      await takeBack(page, lang);
      assert.equal(await page.locator('.steps').getByText(say(lang, 'step-withdrawn')).count(), 1);
      assert.equal(await page.getByText(words).count(), 0, 'the words are gone');
      assert.equal(await page.locator('details').count(), 0);
      assert.ok(!house.log().includes(typed.nothing[lang]), 'what citizens write is not logged');
      assert.ok(!house.log().includes(key), 'keys are not logged');
    });

    journey('cannot be opened with a wrong key', { lang }, async (person, page) => {
      await person.go('/questions');
      await looksUp(page, lang, '2026-0001', 'zzzz zzzz zzzz zzzz');
      const error = page.getByRole('alert');
      assert.equal(await error.textContent(), say(lang, 'lookup-wrong'));
      assert.equal(await page.locator('#number').inputValue(), '2026-0001', 'the number is kept');
      for (const field of ['#number', '#key']) {
        assert.ok((await description(page, field)).includes(say(lang, 'lookup-wrong')), `${field} is told the error`);
        assert.equal(await page.locator(field).getAttribute('aria-invalid'), 'true');
      }
      assert.equal(await focused(page), 'key', 'the next key typed goes where it belongs');
      assert.ok((await page.title()).startsWith(plain(lang, 'error-prefix')));
    });

    journey('without words comes back with its error', { lang }, async (person, page) => {
      await person.go('/questions/new');
      // Wholly empty, the browser itself stops it.
      await button(page, lang, 'leave-send').click();
      assert.equal(await focused(page), 'body');
      assert.equal(await page.locator('#body:invalid').count(), 1);
      // Blanks get as far as the house.
      await box(page).fill(' 　\n ');
      await press(page, lang, 'leave-send');
      assert.equal(await page.locator('#body-error').textContent(), say(lang, 'error-empty'));
      assert.ok((await description(page, '#body')).includes(say(lang, 'error-empty')));
      assert.equal(await box(page).getAttribute('aria-invalid'), 'true');
      assert.equal(await focused(page), 'body');
      assert.ok((await page.title()).startsWith(plain(lang, 'error-prefix')));
      // And can be sent from there.
      await box(page).fill(typed.nothing[lang]);
      assert.match((await sends(page, lang)).number, NUMBER);
    });

    journey('that is too long comes back as it was', { lang }, async (person, page) => {
      const text = `はじめ${'あ'.repeat(1995)}おわり`;
      await person.go('/questions/new');
      await box(page).fill(text);
      await press(page, lang, 'leave-send');
      const error = say(lang, 'error-too-long', { n: '2000', length: String(text.length) });
      assert.equal(await page.locator('#body-error').textContent(), error);
      assert.equal(await box(page).inputValue(), text);
    });
  });
}

journey('a line break counts as one character, in the error as in the limit', {}, async (person, page) => {
  const text = `${'あ\n'.repeat(1000)}あ`;
  await person.go('/questions/new');
  await box(page).fill(text);
  await press(page, 'ja', 'leave-send');
  const error = await page.locator('#body-error').textContent();
  assert.equal(error, say('ja', 'error-too-long', { n: '2000', length: '2001' }));
});

describe('the same form', () => {
  journey('sent again after going back is the same question', {}, async (person, page) => {
    await person.go(`/ask?q=${encodeURIComponent(typed.nothing.ja)}`);
    const first = await sends(page, 'ja');
    await page.goBack();
    const second = await sends(page, 'ja');
    assert.deepEqual(second, first);
  });

  journey('of the page for questions, sent again after going back, too', {}, async (person, page) => {
    await person.go('/questions/new');
    await box(page).fill(typed.nothing.ja);
    const first = await sends(page, 'ja');
    await page.goBack();
    assert.equal(await box(page).inputValue(), typed.nothing.ja);
    const second = await sends(page, 'ja');
    assert.deepEqual(second, first);
  });

  journey('sent by an impatient finger is one question', {}, async (person, page) => {
    await person.go('/questions/new');
    await box(page).fill(typed.nothing.ja);
    await button(page, 'ja', 'leave-send').dblclick();
    await page.waitForURL(RECEIPT_ADDRESS);
    const { number } = await receipt(page);
    await person.go('/questions/new');
    await box(page).fill(typed.nothing.ja);
    const next = await sends(page, 'ja');
    assert.equal(Number(next.number.slice(-4)), Number(number.slice(-4)) + 1, 'no number was lost in between');
  });
});

describe('under less luck', () => {
  journey('without JavaScript a question is left, looked up and taken back', { javaScriptEnabled: false }, async (person, page) => {
    await person.go(`/ask?q=${encodeURIComponent(typed.nothing.ja)}`);
    const { number, key } = await sends(page, 'ja');
    await looksUp(page, 'ja', number, key);
    assert.deepEqual(await receipt(page), { number, key });
    await takeBack(page, 'ja');
    assert.equal(await page.getByText(say('ja', 'step-withdrawn')).count(), 1);
  });

  for (const way of ['/questions/new', `/ask?q=${encodeURIComponent(typed.nothing.ja)}`]) {
    journey(`on a network without encryption, from ${way.slice(0, 5)}…`, {}, async (person, page, house) => {
      const origin = house.address.replace('127.0.0.1', plainHost);
      await page.goto(origin + way);
      await box(page).fill(typed.nothing.ja);
      const { number, key } = await sends(page, 'ja');
      await takeBack(page, 'ja');
      assert.equal(await page.getByText(say('ja', 'step-withdrawn')).count(), 1, await page.title());
      await looksUp(page, 'ja', number, 'wrong');
      await page.locator('#key').fill(key);
      await press(page, 'ja', 'lookup-button');
      assert.deepEqual(await receipt(page), { number, key });
    });
  }

  journey('the page of a question is kept out of caches, search engines and the next site', {}, async (person, page) => {
    await person.go(`/ask?q=${encodeURIComponent(typed.nothing.ja)}`);
    await sends(page, 'ja');
    const headers = (await page.reload()).headers();
    assert.equal(headers['cache-control'], 'no-store');
    assert.match(headers['x-robots-tag'], /noindex/);
    assert.match(headers['referrer-policy'], /^(no-referrer|same-origin)$/);
  });
});
