// What is meant, while somebody types: with the mouse, with the keyboard, and without a script.

import assert from 'node:assert/strict';
import { accessibility, overflow } from './lib/checks.mjs';
import { picture } from './lib/pictures.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

const listed = (page) => page.getByRole('option').allInnerTexts();

async function types(page, words) {
  await page.getByRole('combobox').pressSequentially(words, { delay: 20 });
  await page.getByRole('option').first().waitFor();
}

journey('half a word is enough, and the keyboard chooses', {}, async (citizen, page, house) => {
  await citizen.go('/');
  assert.equal(await page.getByRole('listbox').count(), 0, 'nothing was typed');
  await types(page, 'てんに');
  assert.ok((await listed(page)).some((question) => question.includes('引っ越してきた')), String(await listed(page)));
  await picture(page, 'suggestions');
  assert.deepEqual(await accessibility(page), []);
  await page.setViewportSize({ width: 320, height: 800 });
  assert.deepEqual((await overflow(page)).filter((fault) => fault.startsWith('scrolls')), []);
  await page.keyboard.press('ArrowDown');
  const chosen = page.getByRole('option', { selected: true });
  assert.equal(await page.getByRole('combobox').getAttribute('aria-activedescendant'), await chosen.getAttribute('id'));
  const question = await chosen.innerText();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/articles\//);
  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), question);

  // Escape closes the list, and Enter asks what was typed.
  await citizen.go('/');
  await types(page, 'ごみの日');
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('option').count(), 0);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/ask\?q=/);
  assert.equal(new URL(page.url()).searchParams.get('q'), 'ごみの日');
});

journey('the mouse chooses', {}, async (citizen, page) => {
  await citizen.go('/');
  await types(page, '粗大');
  const question = await page.getByRole('option').first().innerText();
  await page.getByRole('option').first().click();
  await page.waitForURL(/\/articles\//);
  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), question);
});

journey('without a script the field asks as ever', { javaScriptEnabled: false }, async (citizen, page) => {
  await citizen.go('/');
  await page.getByRole('searchbox').fill('ごみの日');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/ask\?q=/);
});
