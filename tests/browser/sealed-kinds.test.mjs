// A desk whose cases the house keeps: a call is written down, answered and ended without a passphrase, another takes
// over; the one who called reads the answer with the number; an administrator says who works there.

import assert from 'node:assert/strict';
import { clerk, deskHolds } from './lib/contacts.mjs';
import { follow, notice, press, pressAndAgree } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const MINUTES = { timeout: 240_000 };
const LIST = '/sealed?desk=kurashi';

const journey = stage();
const main = (page) => page.locator('main').innerText();

journey('a call at an open desk, from the telephone to its end', {}, async (_, __, house, join) => {
  const { page: one } = await clerk(join, house, 'kurashi-1');
  // The menu leads there.
  await follow(one, '相談', { exact: true });
  await one.waitForURL(`**${LIST}`);
  assert.match(await main(one), /読める事案は、まだありません/);
  await deskHolds(one, 'kinds-empty');

  await follow(one, '電話・手紙・来庁を入力する');
  await one.getByLabel('受けた方法').selectOption('phone');
  await press(one, '受け付けて、受付番号を作る');
  assert.match(await main(one), /選んでください/);
  assert.equal(await one.getByLabel('受けた方法').inputValue(), 'phone');
  await one.getByLabel('話した人').selectOption('person');
  await one.getByLabel('話したこと').fill('となりの工事の音が、朝の6時から続いています。');
  await deskHolds(one, 'kinds-new');
  await press(one, '受け付けて、受付番号を作る');
  const number = (await one.locator('.slip .digits').innerText()).replace(/\D/g, '');
  assert.equal(number.length, 24);
  await deskHolds(one, 'kinds-receipt');

  await follow(one, '事案を開く');
  const words = await main(one);
  for (const absent of ['いじめ', '学校', '重大事態', '支援金']) {
    assert.ok(!words.includes(absent), absent);
  }
  assert.equal(await one.getByRole('button', { name: '窓口を閉じる' }).count(), 0);
  await deskHolds(one, 'kinds-case');
  await follow(one, 'はじめの対応を記録する');
  await one.getByLabel('したこと').fill('現場を見に行き、工事の人と話した。');
  await deskHolds(one, 'kinds-act');
  await press(one, '対応を記録する');
  assert.match(await main(one), /対応を始めた/);

  // Another takes over; nobody had to let them in.
  await one.goto(`${house.staff}/sealed/hand-overs/new?desk=kurashi`);
  await one.getByLabel('だれに').selectOption({ label: 'くらしの相談 相談員 2' });
  await one.getByLabel('伝えること').fill('工事は夕方までと約束してもらいました。');
  await deskHolds(one, 'kinds-handover');
  await press(one, one.locator('[data-ticked]'));
  assert.match(await notice(one), /引き継ぎました/);

  const { page: two } = await clerk(join, house, 'kurashi-2');
  await two.goto(`${house.staff}${LIST}&tab=mine`);
  await press(two, two.locator('.caselist .title').first());
  await two.getByLabel('相談した人が読みます').fill('工事は、朝の8時からになりました。');
  await press(two, '返事を送る');
  await follow(two, '終結する', { exact: true });
  await two.getByLabel('終わり方').selectOption('resolved');
  await two.getByLabel('理由と、相談した人に伝えたこと').fill('時間を変えてもらい、電話で伝えた。');
  await press(two, '終結する');
  assert.match(await main(two), /解決した・答えた/);
  await deskHolds(two, 'kinds-closed');
  await two.goto(`${house.staff}/sealed/overdue?desk=kurashi`);
  assert.match(await main(two), /すぎている期限はありません/);
  await deskHolds(two, 'kinds-overdue');

  // The one who called reads it with the number, from any telephone.
  const caller = await join(undefined, { javaScriptEnabled: false });
  await caller.go('/room');
  await caller.page.locator('main button[value=return]').click();
  await caller.page.locator('#receipt').fill(number);
  await caller.page.locator('main button[value=open]').click();
  await caller.page.getByText('工事は、朝の8時からになりました。').waitFor();
}, MINUTES);

journey('who works at which desk is said by an administrator', {}, async (_, __, house, join) => {
  const { page: admin } = await clerk(join, house, 'kanri-1');
  await admin.goto(`${house.staff}/sealed/members`);
  await follow(admin, 'くらしの相談', { exact: true });
  assert.match(await main(admin), /すべての事案を、パスフレーズなしで読みます/);
  await deskHolds(admin, 'kinds-members');
  await admin.getByLabel('ログイン名').fill('ijime-1');
  await admin.getByLabel('役目').selectOption('consultant');
  await admin.getByLabel('理由', { exact: true }).fill('相談がふえたため');
  await pressAndAgree(admin, admin.getByRole('button', { name: '加える', exact: true }));
  await admin.getByText('加えた理由: 相談がふえたため').waitFor();
  // No case of it opens for them.
  const answer = await admin.goto(`${house.staff}${LIST}`);
  assert.equal(answer.status(), 404);

  // Whoever works at both changes between them; the sealed one wants its passphrase.
  const { page: both } = await clerk(join, house, 'ijime-1');
  await both.goto(`${house.staff}${LIST}`);
  assert.match(await main(both), /くらしの相談/);
  await both.locator('nav.desks').getByRole('link', { name: 'いじめの相談' }).click();
  await both.getByLabel('パスフレーズ').waitFor();
  await deskHolds(both, 'kinds-both');
}, MINUTES);
