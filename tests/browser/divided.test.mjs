// A section that becomes two: its articles stay with the first until somebody says whose they are.

import assert from 'node:assert/strict';
import { accessibility } from './lib/checks.mjs';
import { picture } from './lib/pictures.mjs';
import { follow, logIn, press, pressAndAgree, reorganisationStep as step, untilShown } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

const section = (page) => page.locator('aside h2').first().innerText();

journey('articles of a divided section are handed out one by one', {}, async (citizen, citizenPage, house, join) => {
  const administrator = await join('kanri-1');
  const second = await join('kanri-2');
  const author = await join('kankyo-sakusei');
  let { page } = administrator;
  await page.goto(`${house.staff}/reorganisations/new`);
  await page.getByLabel('名前', { exact: true }).fill('環境事業課を分ける');
  await page.getByLabel('施行日').fill(house.day(1));
  await press(page, '準備を始める');
  await step(page, '分割', async () => {
    await page.getByLabel('どの課ですか').selectOption('kankyo');
    await page.getByLabel('はじめに答える課').selectOption('shimin');
    await page.getByLabel('もう一つの課').selectOption('shohi');
    assert.deepEqual(await accessibility(page), []);
  });
  await page.getByLabel('もう一人に伝えること').fill('分けます。');
  await press(page, '承認を頼む');
  ({ page } = second);
  await page.goto(`${house.staff}/`);
  await follow(page, /分けます。/);
  await pressAndAgree(page, '承認する');
  await house.later(1);

  // The administrator sees whose articles have no home of their own, and how many.
  ({ page } = administrator);
  await logIn(administrator, house, 'kanri-1');
  await page.goto(`${house.staff}/organisation`);
  const notice = page.locator('.panel').filter({ hasText: '「環境事業課」のFAQの受け持ちが決まっていません' });
  const waiting = Number((await notice.innerText()).match(/(\d+)件を、いまは市民課が受け持っています/)[1]);
  await picture(page, 'divided-organisation');
  assert.deepEqual(await accessibility(page), []);

  // Citizens are sent to the section that answers first.
  await citizenPage.goto(`${house.address}/articles/gomi-no-hi`);
  assert.equal(await section(citizenPage), '市民課');

  // Its approver finds them under きょう, and hands one over from the list.
  const heir = await join('shimin-shonin');
  ({ page } = heir);
  const part = page.locator('.panel').filter({ hasText: '受け持つ課を決めるFAQ' });
  await part.getByText(`${waiting}件`).first().waitFor();
  await picture(page, 'divided-today');
  assert.deepEqual(await accessibility(page), []);
  await page.goto(`${house.staff}/articles?section=kankyo&q=${encodeURIComponent('ごみの日')}`);
  await picture(page, 'divided-articles');
  assert.deepEqual(await accessibility(page), []);
  const row = page.locator('tbody tr').filter({ has: page.locator('a[href="/articles/gomi-no-hi"]') });
  await row.locator('input[type=checkbox]').check();
  await page.locator('#to_section').selectOption('shohi');
  assert.match(await pressAndAgree(page, '担当課を変える'), /1件のFAQの担当課を変えます/);
  await untilShown(citizenPage, `${house.address}/articles/gomi-no-hi`, (it) => it.locator('aside h2').getByText('消費生活センター'));
  await page.goto(`${house.staff}/`);
  await part.getByText(`${waiting - 1}件`).first().waitFor();
}, { timeout: 240_000 });
