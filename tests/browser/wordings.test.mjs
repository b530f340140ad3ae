// How a citizen put it: from "helpful" over the section to an answer for the next one who asks so; and why, on one page.

import assert from 'node:assert/strict';
import { accessibility, overflow } from './lib/checks.mjs';
import { picture } from './lib/pictures.mjs';
import { follow, notice, press, untilShown } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

const WORDS = 'プランターのどろ、すてたい';
const CODE = 'hikkoshi-gomi';

const narrow = async (page) => {
  await page.setViewportSize({ width: 320, height: 800 });
  assert.deepEqual((await overflow(page)).filter((fault) => fault.startsWith('scrolls')), []);
  await page.setViewportSize({ width: 1280, height: 900 });
};

journey('words that helped one citizen find the answer for the next', {}, async (citizen, citizenPage, house, join) => {
  // A citizen came to the article with these words, and says that it helped.
  await citizen.go(`/articles/${CODE}?q=${encodeURIComponent(WORDS)}&rank=2`);
  await press(citizenPage, citizenPage.locator('.helpful').getByRole('button').first());

  const { page } = await join('kankyo-sakusei');
  await page.goto(`${house.staff}/articles/${CODE}`);
  await follow(page, '見る・加える');
  const offered = page.locator('.panel').filter({ hasText: '市民の声から' });
  await offered.getByText(WORDS).waitFor();
  await picture(page, 'wordings');
  assert.deepEqual(await accessibility(page), []);
  await narrow(page);

  // Nothing is not a wording; what was typed by the section itself is one as well.
  await press(page, '加える');
  await page.locator('#text-error').waitFor();
  assert.match(await page.title(), /^エラー/);
  assert.deepEqual(await accessibility(page), []);
  await press(page, offered.getByRole('button', { name: `「${WORDS}」を使う` }));
  assert.equal(await notice(page), '加えました。すぐに使われます。');
  const used = page.locator('.wordings li').filter({ hasText: WORDS });
  assert.match(await used.innerText(), /環境事業課/);
  assert.equal(await offered.getByText(WORDS).count(), 0);

  // The next one who asks so is answered.
  await untilShown(citizenPage, `${house.address}/ask?q=${encodeURIComponent(WORDS)}`, (it) => it.locator(`article a[href*="${CODE}"], article form[action*="${CODE}"]`).first());

  // Why, for the section.
  await page.goto(`${house.staff}/articles`);
  await follow(page, '検索を試す');
  await picture(page, 'trial-empty');
  assert.deepEqual(await accessibility(page), []);
  await page.getByLabel('市民の質問').fill(WORDS);
  await page.keyboard.press('Enter');
  await page.waitForURL(/trial\?q=/);
  const row = page.locator('.trial > li').filter({ has: page.locator(`a[href="/articles/${CODE}"]`) });
  assert.match(await row.innerText(), /市民の言い方/);
  await picture(page, 'trial');
  assert.deepEqual(await accessibility(page), []);
  await narrow(page);
  await page.goto(`${house.staff}/trial?q=${encodeURIComponent('住民票の写しがほしい')}`);
  await page.getByText('1番目を、答えとして出します。').waitFor();
  await page.getByText('質問の読み方').click();
  await picture(page, 'trial-answer');
  assert.deepEqual(await accessibility(page), []);
  await page.goto(`${house.staff}/trial?q=${encodeURIComponent('ゆうれいが出る')}`);
  await page.getByText('質問を残すか、電話を案内します').waitFor();

  // Taken away again.
  await page.goto(`${house.staff}/articles/${CODE}/wordings`);
  await press(page, used.getByRole('button'));
  assert.equal(await notice(page), '外しました。');
  assert.equal(await used.count(), 0);
}, { timeout: 120_000 });
