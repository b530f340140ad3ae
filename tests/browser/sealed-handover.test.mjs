// A consultant goes on vacation: many cases go over to the other at once, with a note; and who joins the desk, and why.

import assert from 'node:assert/strict';
import { clerk, deskHolds } from './lib/contacts.mjs';
import { follow, notice, press, pressAndAgree } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const PASSPHRASE = 'みなも まどべ かぜ ひかり';
const MINUTES = { timeout: 240_000 };

const journey = stage();
const main = (page) => page.locator('main').innerText();

/** Somebody of the desk, with their desk open. */
async function atDesk(join, house, login) {
  const { page } = await clerk(join, house, login);
  await page.goto(`${house.staff}/sealed/unlock`);
  await page.getByLabel('パスフレーズ').fill(PASSPHRASE);
  await press(page, '窓口を開ける');
  return page;
}

/** Types a call in: whoever does answers for the case. */
async function typeIn(page, house, words, school) {
  await page.goto(`${house.staff}/sealed/cases/new`);
  await page.getByLabel('受けた方法').selectOption('phone');
  await page.getByLabel('話した人').selectOption('child');
  await page.getByLabel('学校（わかれば）').fill(school);
  await page.getByLabel('話したこと').fill(words);
  await press(page, '受け付けて、受付番号を作る');
}

/** A day so many days from now, as a field for a day takes it. */
const day = (house, days) => new Date(house.now() + (days * 24 + 9) * 3_600_000).toISOString().slice(0, 10);

journey('before a vacation the cases go over at once, and come back by themselves', {}, async (_, __, house, join) => {
  const one = await atDesk(join, house, 'ijime-1');
  await one.goto(`${house.staff}/sealed/hand-overs/new`);
  assert.match(await main(one), /引き継ぐ事案は、ありません/);
  await deskHolds(one, 'hand-over-empty');
  await typeIn(one, house, 'となりの席の子に、わるくちを言われます。', '東小学校');
  await typeIn(one, house, 'もう消えたい。死にたい。', 'みなも西中学校');
  await typeIn(one, house, 'うわばきをかくされました。', '');
  await one.goto(`${house.staff}/sealed`);
  await deskHolds(one, 'hand-over-list');
  await follow(one, 'まとめて引き継ぐ');
  const button = one.locator('[data-ticked]');
  assert.equal(await button.innerText(), '選んだ3件を引き継ぐ');
  assert.match(await one.locator('.picks li').first().innerText(), /危険のしるし/);
  await deskHolds(one, 'hand-over');

  // Something is missing: nothing of what was typed or marked is lost.
  await one.locator('.picks input').last().uncheck();
  assert.equal(await button.innerText(), '選んだ2件を引き継ぐ');
  await one.getByLabel('休みのあいだ').check();
  await one.getByLabel('伝えること').fill('月曜の10時に、電話する約束があります。');
  await press(one, button);
  assert.match(await main(one), /引き継ぐ相手を選んでください/);
  assert.equal(await button.innerText(), '選んだ2件を引き継ぐ');
  await deskHolds(one, 'hand-over-wrong');
  await one.getByLabel('だれに').selectOption({ label: 'いじめ相談 相談員 2' });
  await one.getByLabel('休みの最後の日').fill(day(house, 12));
  await press(one, button);
  assert.match(await notice(one), /すべて引き継ぎました/);
  assert.equal(await one.getByText(/^代理 .*まで$/).count(), 2);
  await deskHolds(one, 'hand-over-done');

  const two = await atDesk(join, house, 'ijime-2');
  await two.goto(`${house.staff}/sealed?tab=mine`);
  await two.locator('.caselist .title').first().click();
  await two.getByText('月曜の10時に、電話する約束があります。').first().waitFor();
  assert.match(await main(two), /代理 .*まで/);
  await deskHolds(two, 'hand-over-case');

  // The other fell ill. Of the cases one is not read any more by whoever should take it.
  await two.goto(`${house.staff}/sealed/hand-overs/new`);
  await two.getByLabel('だれの事案').selectOption({ label: 'いじめ相談 相談員 1（1件）' });
  await press(two, 'この人の事案を出す');
  assert.equal(await two.locator('.picks li').count(), 1);
  await two.getByLabel('だれに').selectOption({ label: 'いじめ相談 相談員 2' });
  await two.getByLabel('伝えること').fill('急に休んだので、引き受けます。');
  // Meanwhile it is closed.
  await one.goto(`${house.staff}/sealed?tab=mine`);
  await press(one, one.locator('.caselist .title').first());
  await follow(one, '終結する', { exact: true });
  await one.getByLabel('終わり方').selectOption('withdrawn');
  await one.getByLabel('理由と、相談した人に伝えたこと').fill('本人が望まない。');
  await press(one, '終結する');
  await press(two, two.locator('[data-ticked]'));
  assert.match(await main(two), /引き継げませんでした/);
  await deskHolds(two, 'hand-over-left');
}, MINUTES);

journey('whoever adds somebody says why, and the lock is on every page of the desk', {}, async (_, __, house, join) => {
  const { page: admin } = await clerk(join, house, 'kanri-1');
  await admin.goto(`${house.staff}/sealed/members`);
  await admin.getByLabel('ログイン名').fill('shimin-sakusei');
  await admin.getByLabel('役目').selectOption('supervisor');
  await pressAndAgree(admin, '加える');
  assert.match(await main(admin), /加える理由を書いてください/);
  await deskHolds(admin, 'members-reason-wrong');
  await admin.getByLabel('理由', { exact: true }).fill('12月から、課長が見守りを分けて持つため');
  await pressAndAgree(admin, '加える');
  const one = await atDesk(join, house, 'ijime-1');
  await one.goto(`${house.staff}/sealed/members`);
  assert.match(await main(one), /加えた理由: 12月から、課長が/);
  await deskHolds(one, 'members-reason');
  for (const path of ['/sealed/recovery', '/sealed/signs', '/sealed/leaflets']) {
    await one.goto(house.staff + path);
    await one.getByText(/^あと\d+分で閉じます$/).waitFor();
  }
  await press(one, '窓口を閉じる');
  await one.goto(`${house.staff}/sealed/members`);
  assert.equal(await one.getByRole('button', { name: '窓口を閉じる' }).count(), 0);
}, MINUTES);
