// The partner's face: a case is opened to somebody from outside, item by item, with the consent; they answer what is asked.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { clerk, deskHolds } from './lib/contacts.mjs';
import { follow, press } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const PASSPHRASE = 'みなも まどべ かぜ ひかり';

const LETTER = Buffer.from('%PDF-1.7 a letter of the doctor');

const journey = stage();
const main = (page) => page.locator('main').innerText();

/** Somebody with their desk open; stays on their first page. */
async function open(join, house, login) {
  const { page } = await clerk(join, house, login);
  await page.goto(`${house.staff}/sealed/unlock`);
  await page.getByLabel('パスフレーズ').fill(PASSPHRASE);
  await press(page, '窓口を開ける');
  return page;
}

journey('somebody from outside reads what was disclosed with a name masked, and answers', {}, async (_, __, house, join) => {
  const desk = await open(join, house, 'ijime-1');
  await desk.goto(`${house.staff}/sealed/cases/new`);
  await desk.getByLabel('受けた方法').selectOption('phone');
  await desk.getByLabel('話した人').selectOption('parent');
  await desk.getByLabel('学校（わかれば）').fill('東小学校');
  await desk.getByLabel('話したこと').fill('みずきさんが、学校に行けていません。だれにも言わないでください。');
  await press(desk, '受け付けて、受付番号を作る');
  await follow(desk, '事案を開く');
  const address = desk.url();
  await follow(desk, '当事者を加える', { exact: true });
  await desk.getByLabel('この事案での立場').selectOption('victim');
  await desk.getByLabel('名前', { exact: true }).fill('みずき');
  await press(desk, '当事者を記録する');
  await desk.locator('summary', { hasText: 'ファイルを入れる' }).click();
  await desk.locator('#upload').setInputFiles({ name: 'みずきの診断書.pdf', mimeType: 'application/pdf', buffer: LETTER });
  await press(desk, desk.locator('button', { hasText: 'ファイルを入れる' }));

  await desk.goto(`${address}/participants`);
  await desk.getByLabel('だれ').selectOption({ index: 1 });
  await desk.getByLabel('どこの人').selectOption('welfare');
  await desk.getByRole('textbox', { name: '何のために' }).fill('家に行く相談');
  await desk.getByRole('textbox', { name: '同意' }).fill('保護者が電話で「話してよい」と言った。');
  await press(desk, '参加者に加える');
  await deskHolds(desk, 'sealed-participants');
  await press(desk, desk.getByRole('link', { name: /^開示する/ }));
  await desk.locator('li', { hasText: '学校に行けていません' }).getByRole('checkbox').check();
  await desk.locator('li', { hasText: 'みずきの診断書.pdf' }).getByRole('checkbox').check();
  await deskHolds(desk, 'sealed-disclosure-pick');
  await press(desk, 'ことばを確かめる');
  await deskHolds(desk, 'sealed-disclosure');
  const shown = desk.getByLabel('見せることば').first();
  assert.equal((await shown.inputValue()).includes('みずき'), false, 'the name is masked');
  await shown.fill('○○さんが、学校に行けていません。');
  assert.equal(await desk.getByLabel('渡すときのファイルの名前').inputValue(), '○○の診断書.pdf');
  // A file goes out as it is: nobody gives it away without saying that they looked.
  await press(desk, 'この内容で開示する');
  assert.match(await main(desk), /ファイルを開いて中身を確かめ/);
  assert.equal(await desk.getByLabel('見せることば').first().inputValue(), '○○さんが、学校に行けていません。');
  await deskHolds(desk, 'sealed-disclosure-wrong');
  await desk.getByLabel('中身を開いて確かめました').check();
  await press(desk, 'この内容で開示する');
  await deskHolds(desk, 'sealed-participants-told');

  const partner = await open(join, house, 'kyoi');
  assert.equal(new URL(partner.url()).pathname, '/partner');
  await deskHolds(partner, 'partner-cases');
  await follow(partner, '家に行く相談');
  const read = await main(partner);
  assert.match(read, /○○さんが、学校に行けていません。/);
  assert.match(read, /保護者が電話で「話してよい」と言った。/);
  assert.doesNotMatch(read, /みずき|だれにも言わないで|東小学校|いじめ-20/);
  await deskHolds(partner, 'partner-case');
  const link = partner.getByRole('link', { name: /^ファイルを受け取る/ });
  const coming = partner.waitForEvent('download');
  await link.click();
  const download = await coming;
  assert.equal(download.suggestedFilename(), '○○の診断書.pdf');
  assert.ok(readFileSync(await download.path()).equals(LETTER), 'the file is whole');
  const file = new URL(await link.getAttribute('href'), house.staff).href;
  await partner.getByRole('textbox', { name: 'ことば' }).fill('金曜日に家に行きます。');
  await press(partner, '送る');
  assert.match(await main(partner), /金曜日に家に行きます。/);
  // The desk's own page of the case is not there for them.
  assert.equal((await partner.goto(address)).status(), 404);

  await desk.goto(`${address}/participants`);
  assert.match(await main(desk), /金曜日に家に行きます。/);
  // Taken back, it is there no more.
  const given = desk.locator('li', { hasText: '○○の診断書.pdf' });
  await given.locator('summary').click();
  await given.getByLabel('理由').fill('ほかの人に渡すものだった。');
  await press(desk, given.getByRole('button', { name: '開示を取り下げる' }));
  assert.equal((await partner.goto(file)).status(), 404);
}, { timeout: 120_000 });
