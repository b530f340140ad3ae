// A name that only this city has: from a question that finds nothing over a trial to an answer; taken away, put back.

import assert from 'node:assert/strict';
import { accessibility, overflow } from './lib/checks.mjs';
import { picture } from './lib/pictures.mjs';
import { follow, notice, press, untilShown } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

const WORD = 'ぽよぽよん';
const OFFICE = '粗大ごみ';

const looksRight = async (page, name) => {
  await picture(page, name);
  assert.deepEqual(await accessibility(page), []);
  await page.setViewportSize({ width: 320, height: 800 });
  assert.deepEqual((await overflow(page)).filter((fault) => fault.startsWith('scrolls')), []);
  await page.setViewportSize({ width: 1280, height: 900 });
};

journey('a word of the city is tried, added, found, taken away and put back', {}, async (citizen, citizenPage, house, join) => {
  const { page } = await join('chosei');
  await page.goto(`${house.staff}/articles`);
  await follow(page, '言いかえ辞書');
  await page.getByText('市の言葉は、まだありません').waitFor();
  await looksRight(page, 'thesaurus-empty');

  // Looked for first: neither thesaurus has it.
  await page.getByLabel('言葉').fill(WORD);
  await page.keyboard.press('Enter');
  await page.getByText('標準の辞書にありません').waitFor();
  await follow(page, `「${WORD}」を市民の言葉として加える`);
  assert.equal(await page.getByLabel('市民の言葉').inputValue(), WORD);
  await looksRight(page, 'thesaurus-new');

  // Half a form comes back with what was typed.
  await press(page, '加える');
  await page.locator('#term-error').waitFor();
  assert.match(await page.title(), /^エラー/);
  assert.equal(await page.getByLabel('市民の言葉').inputValue(), WORD);
  await looksRight(page, 'thesaurus-error');

  // Tried before it is saved.
  await page.getByLabel('役所の言葉').fill(OFFICE);
  await page.getByLabel('同じ意味').check();
  await page.getByLabel('市民の質問').fill(`${WORD}はどこで買えますか`);
  await press(page, '変わるところを見る');
  await page.getByText('新しく出る').first().waitFor();
  await looksRight(page, 'thesaurus-tried');
  await press(page, '加える');
  assert.match(await notice(page), /^加えました/);
  const row = page.locator('tbody tr').filter({ hasText: WORD });
  await row.getByRole('link', { name: OFFICE }).waitFor();
  await looksRight(page, 'thesaurus-list');

  // The next citizen who says so is led on.
  await untilShown(citizenPage, `${house.address}/ask?q=${encodeURIComponent(WORD)}`, (it) => it.locator('main').getByText(OFFICE).first());

  // Taken away, and put back at once.
  await follow(page, OFFICE);
  await press(page, '外す');
  assert.match(await notice(page), /^外しました/);
  await page.getByText('市の言葉は、まだありません').waitFor();
  await press(page, '元に戻す');
  assert.match(await notice(page), /^加えました/);

  // Lines that are wrong are told, and nothing comes in.
  await follow(page, 'まとめて取り込む');
  await page.getByLabel('取り込む行').fill('みなも号\tsame\tぽよん号\nごみ\tbroader\t物\n');
  await press(page, '確かめる');
  await page.getByText('直すところが1か所あります').waitFor();
  await looksRight(page, 'thesaurus-import-faults');
  await page.getByLabel('取り込む行').fill('みなも号\tsame\tぽよん号\n');
  await press(page, '確かめる');
  await page.getByText('まだ何も変えていません').waitFor();
  await looksRight(page, 'thesaurus-import');
  await press(page, '取り込む');
  assert.equal(await notice(page), '取り込みました。');
  await page.getByText('ぽよん号').waitFor();
}, { timeout: 120_000 });
