// The supervisor's side of the contact centre: operators, figures, staffing, reconciliation; a desk with many contacts.

import assert from 'node:assert/strict';
import { overflow } from './lib/checks.mjs';
import { begin, clerk, crowd, deskHolds, queued, reply, unfold, wantPerson } from './lib/contacts.mjs';
import { follow, notice, press } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage((house) => house.workday());

/** Words of citizens: short ones, a long line without blanks, another language. */
const words = [
  '粗大ごみの申し込み', '人と話したいです', '税金の納付書をなくした。'.repeat(12), 'How do I apply for a My Number card?',
  'カラスがごみを荒らして困っています。', 'あ'.repeat(60),
];

const rows = (page) => page.locator('main table tbody tr');

journey('a supervisor sets how many contacts an operator takes; who takes one is there', {}, async (citizen, page, house, join) => {
  const { page: desk } = await clerk(join, house, 'supervisor');
  await desk.goto(`${house.staff}/contacts`);
  await follow(desk, '担当者');
  assert.match(await rows(desk).filter({ hasText: 'オペレーター 1' }).innerText(), /離席[\s\S]*0件 \/ 4件まで/);
  await deskHolds(desk, 'operators');
  await follow(desk, 'オペレーター 1');
  await desk.getByLabel('一度に受け持つ件数').fill('30');
  await desk.getByLabel('English').check();
  await press(desk, '保存する');
  assert.match(await desk.locator('main').innerText(), /1から20まで/);
  assert.ok(await desk.getByLabel('English').isChecked(), 'what was chosen stays');
  await deskHolds(desk, 'operator');
  await desk.getByLabel('一度に受け持つ件数').fill('1');
  await desk.getByLabel('ごみ・環境').check();
  await press(desk, '保存する');
  assert.match(await rows(desk).filter({ hasText: 'オペレーター 1' }).innerText(), /1件まで[\s\S]*English[\s\S]*ごみ・環境/);

  const { page: operator } = await clerk(join, house, 'operator-1');
  await begin(citizen, '粗大ごみを出したい');
  await page.locator('.say.bot').first().waitFor();
  await wantPerson(page);
  await operator.goto(`${house.staff}/contacts`);
  assert.equal(await operator.getByLabel('いまの状態').inputValue(), 'away');
  await press(operator, 'つぎの人を引き受ける');
  assert.equal(await notice(operator), '引き受けました。いまの状態を「受付可」に変えました。');
  assert.equal(await operator.getByLabel('いまの状態').inputValue(), 'available');
  // One button: to ask for patience, and then to go on.
  const go = operator.getByRole('button', { name: '再開する' });
  assert.equal(await go.count(), 0);
  await press(operator, '保留にする');
  await page.locator('#messages', { hasText: '少しお待ちください' }).waitFor();
  await operator.locator('#about', { hasText: '保留中' }).waitFor();
  assert.equal(await operator.getByRole('button', { name: '保留にする' }).count(), 0);
  await press(operator, go);
  await page.locator('#messages', { hasText: 'お待たせしました' }).waitFor();
  // A number is read in groups.
  await unfold(operator, '折り返しの電話');
  await operator.getByLabel('電話番号').fill('０９０１２３４５６７８');
  await operator.locator('#window').selectOption({ index: 1 });
  await press(operator, '約束する');
  assert.equal((await operator.locator('.call .phone').innerText()).trim(), '090-1234-5678');
  // No second one.
  await operator.goto(`${house.staff}/contacts`);
  await press(operator, 'つぎの人を引き受ける');
  assert.match(await operator.locator('main').getByRole('alert').innerText(), /一度に受け持てるのは1件まで/);
  await desk.reload();
  assert.match(await rows(desk).filter({ hasText: 'オペレーター 1' }).innerText(), /受付可[\s\S]*1件 \/ 1件まで/);
}, { timeout: 90_000 });

journey('a section’s answer that is refused keeps its words', {}, async (citizen, page, house, join) => {
  const { page: operator } = await clerk(join, house, 'operator-2');
  await begin(citizen, '夜にごみを出したい');
  await page.locator('.say.bot').first().waitFor();
  await wantPerson(page);
  await operator.goto(`${house.staff}/contacts`);
  await press(operator, queued(operator, '夜にごみを出したい'));
  await press(operator, '引き受ける');
  await unfold(operator, '課に確認する');
  await operator.getByLabel('確認する課').selectOption({ label: '環境事業課' });
  await operator.getByLabel('聞きたいこと').fill('夜でも出せますか');
  await press(operator, '確認を送る');
  const { page: clerkPage } = await clerk(join, house, 'kankyo-sakusei');
  await clerkPage.goto(`${house.staff}/contacts`);
  const field = clerkPage.locator('#queue .side textarea');
  const long = '朝に出してください。'.repeat(201);
  await field.evaluate((area) => area.removeAttribute('maxlength'));
  await field.fill(long);
  await press(clerkPage, '答える');
  assert.match(await clerkPage.locator('#queue [role=alert]').innerText(), /2000文字まで/);
  assert.equal(await field.inputValue(), long);
  await deskHolds(clerkPage, 'side-refused');
  // What happens elsewhere does not take the words away.
  await reply(operator, '確かめています。');
  await page.locator('.say.staff').waitFor();
  await clerkPage.waitForTimeout(500);
  assert.equal(await field.inputValue(), long);
  await field.fill('朝に出してください。');
  await press(clerkPage, '答える');
  assert.equal(await notice(clerkPage), '回答しました。');
}, { timeout: 60_000 });

journey('figures: a day, staffing, a file of a business system that differs', {}, async (citizen, page, house, join) => {
  const { page: desk } = await clerk(join, house, 'supervisor');
  await desk.goto(`${house.staff}/figures/report?from=2020-01-01&to=2020-01-31`);
  assert.match(await desk.locator('main .empty').innerText(), /はじまった応対はありません/);
  await crowd(house, words, 12);
  await desk.goto(`${house.staff}/figures`);
  assert.notEqual((await desk.locator('.tiles li').first().locator('b').innerText()), '0人');
  await deskHolds(desk, 'live-board');
  await follow(desk, '集計');
  await desk.getByLabel('まとめ方').selectOption({ label: '分類ごと' });
  await press(desk, '集計する');
  await deskHolds(desk, 'report');
  await printsOnPaper(desk);
  await follow(desk, '要員計算');
  await deskHolds(desk, 'staffing-empty');
  await desk.getByLabel('30分ごとの件数').fill('9:00 12\n9:15 3');
  await press(desk, '計算する');
  assert.match(await desk.locator('#loads-error').innerText(), /2行目/);
  await desk.getByLabel('30分ごとの件数').fill('9:00 12\n9:30 20');
  await press(desk, '計算する');
  // 20 calls in a half hour of 300 s each: 3.33 erlangs; 80 % within 20 s needs 6.
  assert.match(await rows(desk).nth(1).innerText(), /3\.33[\s\S]*6人/);
  await deskHolds(desk, 'staffing');
  await printsOnPaper(desk);

  const { page: coordinator } = await clerk(join, house, 'chosei');
  await coordinator.goto(`${house.staff}/figures/reconciliation`);
  await deskHolds(coordinator, 'reconciliation-empty');
  const upload = async (lines) => {
    await coordinator.getByLabel('業務システムの名前').fill('住民記録システム');
    const buffer = Buffer.from(['date,section,count', ...lines].join('\n'));
    await coordinator.getByLabel('CSVファイル').setInputFiles({ name: 'kensu.csv', mimeType: 'text/csv', buffer });
    await press(coordinator, '取り込んで比べる');
  };
  await upload([`${house.day()},nowhere,12`]);
  assert.match(await coordinator.locator('main').getByRole('alert').innerText(), /2行目/);
  await deskHolds(coordinator, 'reconciliation-wrong');
  await upload([`${house.day()},shimin,12`, `${house.day()},kankyo,0`]);
  assert.match(await rows(coordinator).filter({ hasText: '市民課' }).innerText(), /12件[\s\S]*確かめてください/);
  assert.match(await rows(coordinator).filter({ hasText: '環境事業課' }).innerText(), /合っています/);
  await deskHolds(coordinator, 'reconciliation');
  await printsOnPaper(coordinator);
}, { timeout: 120_000 });

/** On paper nothing is wider than the sheet, and nothing is there to press. */
async function printsOnPaper(page) {
  const before = page.viewportSize();
  await page.emulateMedia({ media: 'print' });
  // A4 upright within usual margins.
  await page.setViewportSize({ width: 720, height: 1000 });
  assert.deepEqual((await overflow(page)).filter((fault) => fault.startsWith('scrolls')), []);
  const wide = await page.locator('main table').evaluateAll((all) => all.filter((t) => t.getBoundingClientRect().right > 720).length);
  assert.equal(wide, 0, 'a table is wider than the paper');
  assert.equal(await page.locator('main :is(button, .tabs)').evaluateAll((all) => all.filter((e) => e.checkVisibility()).length), 0);
  await page.emulateMedia({ media: null });
  await page.setViewportSize(before);
}

journey('a desk with many contacts', {}, async (citizen, page, house, join) => {
  await crowd(house, words, 100);
  const { page: desk } = await clerk(join, house, 'operator-1');
  await desk.goto(`${house.staff}/contacts`);
  assert.match(await desk.locator('#queue').innerText(), /ほかに\d+人が待っています/);
  assert.equal(await desk.locator('#rows tbody tr').count(), 50);
  await deskHolds(desk, 'many');
  await follow(desk, '次', { exact: true });
  assert.match(await desk.locator('.pager').innerText(), /51–100/);
  await desk.getByLabel('状態', { exact: true }).selectOption({ label: '終わった' });
  await press(desk, 'しぼる');
  assert.match(await desk.locator('main .empty').innerText(), /あてはまる応対はありません/);
  await deskHolds(desk, 'filtered-empty');
}, { timeout: 90_000 });
