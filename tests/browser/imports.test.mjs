// A file of articles: exported, corrected in a table, checked, and taken in only when it is the one that was checked.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { accessibility, overflow } from './lib/checks.mjs';
import { picture } from './lib/pictures.mjs';
import { follow, notice, press, untilShown } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

const file = (text) => ({ name: 'faq.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });

journey('a corrected export is checked article by article and taken in', {}, async (citizen, citizenPage, house, join) => {
  const { page } = await join('chosei');
  await page.goto(`${house.staff}/articles`);
  await follow(page, /取り込/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /CSVで書き出す/ }).click()]);
  const whole = readFileSync(await download.path(), 'utf8');
  assert.match(whole, /転入届/);

  // A file with a fault changes nothing, and says where to look.
  const spoilt = whole.replace(/^(tennyu,)[^,]+,/m, '$1keine-ka,');
  assert.notEqual(spoilt, whole);
  await page.getByLabel('ファイル', { exact: true }).setInputFiles(file(spoilt));
  await press(page, '確かめる');
  await page.getByText(/直すところが\d+か所あります/).waitFor();
  await picture(page, 'import-fault');
  assert.deepEqual(await accessibility(page), []);

  // The preview names what changes; nothing has changed yet.
  const words = /^tennyu,.*$/m.exec(whole)[0];
  const question = words.split(',').find((field) => field.endsWith('か'));
  const changed = whole.replace(question, `${question}（市の外から来た人）`);
  await page.getByLabel('ファイル', { exact: true }).setInputFiles(file(changed));
  await press(page, '確かめる');
  const line = page.locator('[data-rows] tbody tr');
  assert.equal(await line.count(), 1);
  assert.match(await line.innerText(), /tennyu[\s\S]*質問/);
  await picture(page, 'import-preview');
  assert.deepEqual(await accessibility(page), []);
  await page.setViewportSize({ width: 320, height: 800 });
  assert.deepEqual((await overflow(page)).filter((fault) => fault.startsWith('scrolls')), []);
  await page.setViewportSize({ width: 1280, height: 900 });
  await citizenPage.goto(`${house.address}/articles/tennyu`);
  assert.equal(await citizenPage.getByText('（市の外から来た人）').count(), 0);

  // Another file than the one that was checked is not taken in.
  await page.getByLabel('同じファイルをもう一度選ぶ').setInputFiles(file(changed.replace('市の外', 'よその市')));
  await press(page, '取り込む');
  await page.getByRole('alert').waitFor();
  await page.getByLabel('ファイル', { exact: true }).setInputFiles(file(changed));
  await press(page, '確かめる');
  await page.getByLabel('同じファイルをもう一度選ぶ').setInputFiles(file(changed));
  await press(page, '取り込む');
  assert.equal(await notice(page), '取り込みました。');
  await untilShown(citizenPage, `${house.address}/articles/tennyu`, (it) => it.getByText('（市の外から来た人）').first());
}, { timeout: 120_000 });
