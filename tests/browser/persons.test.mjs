// One citizen who was taken for two, made one, and parted again when two persons have decided.

import assert from 'node:assert/strict';
import { accessibility, overflow } from './lib/checks.mjs';
import { picture } from './lib/pictures.mjs';
import { follow, notice, press, pressAndAgree } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';
import { say } from './lib/words.mjs';

const journey = stage();

const MAILS = ['nagisa@example.jp', 'yamabiko@example.jp'];

async function leaves({ page, go }, words, mail) {
  await go(`/questions/new?q=${encodeURIComponent(words)}`);
  await page.locator('#mail').fill(mail);
  await press(page, page.getByRole('button', { name: say('ja', 'leave-send') }));
}

/** The page of the person who is reached at an address; gives their number. */
async function found(page, house, mail) {
  await page.goto(`${house.staff}/people`);
  await page.locator('main input[name=q]').fill(mail);
  await page.locator('main input[name=q]').press('Enter');
  await page.waitForURL(/\/people\/[^/]+$/);
  return new URL(page.url()).pathname.split('/').at(-1);
}

journey('two persons part a merge that one has made', {}, async (citizen, _, house, join) => {
  await leaves(citizen, '粗大ごみを出したい', MAILS[0]);
  await leaves(await join(), '図書館の本をなくした', MAILS[1]);
  const desk = await join('kojin');
  const second = await join('kojin-2');
  let { page } = desk;

  const gone = await found(page, house, MAILS[1]);
  const kept = await found(page, house, MAILS[0]);
  assert.notEqual(kept, gone);
  assert.equal(await page.locator('#unmerge').count(), 0);
  await page.getByLabel('もう一人の番号').fill(gone);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: '同じ人をまとめる' }).waitFor();
  for (const mail of MAILS) {
    await page.getByText(mail).waitFor();
  }
  await picture(page, 'merge');
  assert.deepEqual(await accessibility(page), []);
  await press(page, '一人にまとめる');
  assert.equal(await notice(page), '一人にまとめました。');
  const both = await page.locator('main').innerText();
  assert.ok(MAILS.every((mail) => both.includes(mail)), both);
  assert.match(both, /質問への回答を送る[\s\S]*質問を送る画面（\d{4}年\d+月の文）/);

  // Without a reason nothing is asked for; with one, another person decides.
  await picture(page, 'merged');
  assert.deepEqual(await accessibility(page), []);
  await press(page, page.locator('#unmerge').getByRole('button', { name: '承認を頼む' }));
  await page.locator('#unmerge-error').waitFor();
  assert.deepEqual(await accessibility(page), []);
  await page.getByRole('textbox', { name: '理由' }).and(page.locator('#unmerge-reason')).fill('同姓の別の人でした。');
  await press(page, page.locator('#unmerge').getByRole('button', { name: '承認を頼む' }));
  assert.match(await notice(page), /承認/);
  await page.setViewportSize({ width: 320, height: 800 });
  assert.deepEqual((await overflow(page)).filter((fault) => fault.startsWith('scrolls')), []);

  ({ page } = second);
  await page.goto(`${house.staff}/`);
  await follow(page, /同姓の別の人でした。/);
  await page.getByText('まとめた2人を、元の2人に分けます。').waitFor();
  await picture(page, 'parting');
  assert.match(await pressAndAgree(page, '承認する'), /承認しますか/);
  assert.equal(await found(page, house, MAILS[0]), kept);
  assert.ok(!(await page.locator('main').innerText()).includes(MAILS[1]));
  assert.equal(await found(page, house, MAILS[1]), gone);
  assert.ok(!(await page.locator('main').innerText()).includes(MAILS[0]));
}, { timeout: 120_000 });
