// Sends to many: written by one, tried out on the staff's own telephone, approved by another, received in LINE.

import assert from 'node:assert/strict';
import { clerk, deskHolds } from './lib/contacts.mjs';
import { follow, notice, press, pressAndAgree, untilShown } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

const main = (page) => page.locator('main').innerText();

/** A user of LINE's simulator follows the city and opens the page of their choices; gives the address of the talk. */
async function openChoices(page, house, name) {
  await page.goto(`${house.address}/simulators/line`);
  await press(page, page.locator('.simusers a', { hasText: name }));
  const talk = page.url();
  await press(page, '友だちに追加');
  const choose = (p) => p.getByRole('button', { name: 'お知らせを選ぶ' });
  await untilShown(page, talk, choose);
  await press(page, choose(page).last());
  const link = (p) => p.locator('a[href*="/line/choices/"]');
  await untilShown(page, talk, link);
  // The browser of these tests knows the house by its number alone.
  const { pathname } = new URL(await link(page).last().getAttribute('href'));
  await page.goto(house.address + pathname);
  return talk;
}

journey('a notice about water, from the clerk who never sent one to a telephone', { javaScriptEnabled: false }, async (_, phone, house, join) => {
  const talk = await openChoices(phone, house, '子育て中の人');
  await phone.locator('input[name=topic][value=waste]').check();
  // Whatever time it is when this runs.
  await phone.locator('input[name=quiet]').uncheck();
  await press(phone, 'この内容で受け取る');
  await openChoices(phone, house, '市の職員');
  const number = (await phone.locator('code.code').textContent()).trim();

  const { page: desk } = await clerk(join, house, 'shimin-sakusei');
  await desk.goto(`${house.staff}/sends`);
  assert.match(await main(desk), /配信は、まだありません/);
  await deskHolds(desk, 'sends-empty');
  await follow(desk, 'はじめての配信を書く');
  await desk.getByLabel('件名').fill('あす、ごみの収集がありません');
  assert.match(await desk.locator('[data-talk]').innerText(), /あす、ごみの収集がありません/, 'seen as on a telephone');
  await deskHolds(desk, 'sends-new');
  await press(desk, '下書きとして保存する');
  assert.match(await main(desk), /本文を2000文字以内で書いてください/);
  assert.equal(await desk.getByLabel('件名').inputValue(), 'あす、ごみの収集がありません');
  await deskHolds(desk, 'sends-wrong');
  await desk.getByLabel('本文（日本語）').fill('大雪のため、あすの収集を休みます。\n問い合わせ: 環境政策課');
  await desk.locator('#send-topic').selectOption('waste');
  await press(desk, '下書きとして保存する');
  assert.equal(await notice(desk), '保存しました。');
  await deskHolds(desk, 'sends-draft');
  const one = desk.url().split('?')[0];
  await press(desk, '人数と通数を確かめる（計画）');
  assert.match(await main(desk), /1人/);
  await follow(desk, '試し送りの相手を加える');
  await deskHolds(desk, 'sends-staff');
  await desk.getByLabel('番号').fill(number.toLowerCase());
  await press(desk, '加える');
  assert.match(await notice(desk), /加えました/);
  await desk.goto(one);
  await press(desk, '職員1人に試し送りをする');
  assert.match(await notice(desk), /試し送りをしました/);
  assert.match(await main(desk), /べつの、承認できる人に/);

  const { page: approver } = await clerk(join, house, 'shimin-shonin');
  await approver.goto(`${house.staff}/`);
  await follow(approver, 'あす、ごみの収集がありません');
  await deskHolds(approver, 'sends-approval');
  await press(approver, 'この内容で承認する');
  assert.match(await notice(approver), /承認しました/);

  await desk.goto(one);
  assert.match(await pressAndAgree(desk, '送信を始める'), /1人に送ります/);
  await untilShown(desk, one, (p) => p.getByRole('heading', { name: '送り終わりました' }));
  assert.match(await main(desk), /1人のうち1人の分を、LINEが受け取りました/);
  await deskHolds(desk, 'sends-done');
  await desk.goto(`${house.staff}/sends`);
  assert.match(await main(desk), /1 \/ 1人/);
  await deskHolds(desk, 'sends-list');
  await phone.goto(talk);
  assert.equal(await phone.locator('.simtalk', { hasText: '大雪のため' }).count(), 1);

  // One for tomorrow, which somebody stops at night.
  await desk.goto(`${house.staff}/sends/new`);
  await desk.getByLabel('件名').fill('あすのお知らせ');
  await desk.getByLabel('本文（日本語）').fill('あすの朝に届きます。');
  await desk.locator('#send-topic').selectOption('waste');
  await desk.getByLabel('送りはじめる日').fill(house.day(1));
  await desk.getByLabel('時刻').fill('09:00');
  await press(desk, '下書きとして保存する');
  const other = desk.url().split('?')[0];
  await press(desk, '人数と通数を確かめる（計画）');
  await press(desk, '職員1人に試し送りをする');
  await approver.goto(other);
  await press(approver, 'この内容で承認する');
  await desk.goto(other);
  await pressAndAgree(desk, '送信を始める');
  await deskHolds(desk, 'sends-running');
  await approver.goto(other);
  await approver.getByText('2秒ごとに自動で更新しています').waitFor();
  await press(desk, '一時停止する');
  assert.match(await main(desk), /理由を400文字以内で書いてください/);
  await desk.getByLabel('一時停止する理由').fill('日付を確かめる');
  await press(desk, '一時停止する');
  await deskHolds(desk, 'sends-paused');
  // The other window finds out by itself.
  await approver.getByRole('heading', { name: '止まっています' }).waitFor();
  assert.match(await main(approver), /日付を確かめる/);
  await press(approver, '送信を再開する');
  await approver.getByText('中止する（元に戻せません）').click();
  await approver.getByLabel('中止する理由').fill('日付がちがう');
  assert.match(await pressAndAgree(approver, '中止する'), /まだ送っていない1人には届きません/);
  assert.match(await main(approver), /中止で送らない/);
  await deskHolds(approver, 'sends-stopped');
}, { timeout: 180_000 });
