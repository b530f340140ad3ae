// A 原稿 between two people: sent back with a remark, mended, published, found, and looked at again when its day comes.

import assert from 'node:assert/strict';
import { accessibility } from './lib/checks.mjs';
import { follow, logIn, notice, press, untilShown } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';
import { say } from './lib/words.mjs';

const journey = stage();

const ARTICLE = 'clean-center-mochikomi';
const QUESTION = 'ごみを自分でクリーンセンターに持って行けますか';
const REMARK = '料金が、ことしの10月に変わっています。10kgごとに180円です。';
const FIRST = '家庭のごみは、予約をすると、みなもクリーンセンターに持ち込めます。料金は10kgごとに150円です。';
const MENDED = '家庭のごみは、予約をすると、みなもクリーンセンターに持ち込めます。料金は10kgごとに180円です。';

/** A part of きょう, by its heading. */
const part = (page, title) => page.locator('section.panel').filter({ has: page.getByRole('heading', { name: title }) });

journey('is sent back, mended, approved, found by a citizen, and falls due again', {}, async (citizen, citizenPage, house, join) => {
  const author = await join('kankyo-sakusei');
  const approver = await join('kankyo-shonin');

  // The author writes and hands in.
  let { page } = author;
  await page.goto(`${house.staff}/articles/${ARTICLE}`);
  await press(page, '直す');
  const draft = page.url();
  await page.locator('#summary_ja').fill(FIRST);
  await page.locator('#review_due').fill(house.day(20));
  await page.locator('#note').fill('予約のしかたが変わったため');
  await press(page, '承認に出す');
  assert.equal(await notice(page), '承認に出しました。');
  assert.equal(await page.getByRole('button', { name: '承認して公開' }).count(), 0);

  // The approver finds it under きょう, sees what changed, and sends it back; not without saying why.
  ({ page } = approver);
  await page.goto(`${house.staff}/`);
  await press(page, part(page, '承認を待つ原稿').getByRole('link', { name: QUESTION }));
  assert.equal(page.url(), draft);
  const differences = page.locator('section.panel').filter({ has: page.getByRole('heading', { name: '公開中の記事とのちがい' }) });
  assert.ok((await differences.locator('del').allInnerTexts()).join('').includes('前日までに'));
  await page.getByText('予約のしかたが変わったため').first().waitFor();
  await press(page, '差し戻す');
  assert.match(await page.title(), /^エラー/);
  await page.locator('#remark-error').waitFor();
  assert.deepEqual(await accessibility(page), []);
  await page.locator('#remark').fill(REMARK);
  await press(page, '差し戻す');
  assert.equal(await notice(page), '差し戻しました。');

  // The author sees it under きょう with the remark, and mends it.
  ({ page } = author);
  await page.goto(`${house.staff}/`);
  assert.deepEqual(await accessibility(page), []);
  await press(page, part(page, '差し戻された自分の原稿').getByRole('link', { name: QUESTION }));
  const sentBack = page.locator('.note').filter({ hasText: '差し戻されました' });
  assert.equal(await sentBack.locator('.quote').innerText(), REMARK);
  assert.deepEqual(await accessibility(page), []);
  assert.equal(await page.locator('#summary_ja').inputValue(), FIRST, 'what was written is still there');
  await page.locator('#summary_ja').fill(MENDED);
  await press(page, '承認に出す');
  assert.equal(await notice(page), '承認に出しました。');
  await page.goto(`${house.staff}/`);
  assert.equal(await part(page, '差し戻された自分の原稿').locator('li').count(), 0);

  // The approver publishes. The citizen still reads the old answer until then.
  await citizen.go(`/articles/${ARTICLE}`);
  assert.equal(await citizenPage.getByText('180円').count(), 0);
  ({ page } = approver);
  await page.goto(draft);
  assert.ok((await page.locator('.steps').innerText()).includes(REMARK), 'the way so far stands on the page');
  await press(page, '承認して公開');
  assert.match(await notice(page), /^公開しました。/);
  const newest = page.locator('table tbody tr').filter({ hasText: 'いま' });
  assert.match(await newest.innerText(), /環境事業課 作成者[\s\S]*承認：環境事業課 承認者/);

  // A citizen asks in their own words.
  const ask = `${house.address}/ask?q=${encodeURIComponent('クリーンセンターにごみを持ち込みたい')}`;
  await untilShown(citizenPage, ask, (it) => it.getByText(MENDED));
  await citizenPage.getByRole('heading', { name: QUESTION }).first().waitFor();
  assert.deepEqual(await accessibility(citizenPage), []);
  await citizenPage.goto(`${house.address}/articles/${ARTICLE}/history`);
  await citizenPage.getByText('環境事業課').first().waitFor();

  // Both were told by mail: the approver that it waits, the author that it came back.
  ({ page } = approver);
  await untilShown(page, `${house.staff}/simulators/mailbox`, (it) => it.getByRole('link', { name: /差し戻されました/ }));
  const mails = await page.locator('table tbody tr').allInnerTexts();
  assert.ok(mails.some((row) => row.includes('承認をお待ちしている') && row.includes('kankyo-shonin@')), mails.join('\n'));
  assert.ok(mails.some((row) => row.includes('差し戻されました') && row.includes('kankyo-sakusei@')), mails.join('\n'));
  assert.ok(!mails.some((row) => row.includes('承認をお待ちしている') && row.includes('sakusei@')), 'who wrote is not asked to approve');

  // On the day of its review the section is told by mail; the letter's link leads to what is to be looked at.
  const wrong = [];
  await house.later(20);
  await logIn(author, house, 'kankyo-sakusei');
  ({ page } = author);
  const letters = /確認の時期が来たFAQ.*環境事業課/;
  await untilShown(page, `${house.staff}/simulators/mailbox`, (it) => it.getByRole('link', { name: letters }));
  await follow(page, letters);
  const letter = await page.locator('.diff').innerText();
  if (!letter.includes('「見直し済みにする」')) {
    wrong.push(`the letter names a button that is not there: ${letter.match(/「[^」]+」/)}`);
  }
  await page.goto(`${house.staff}${letter.match(/https?:\/\/[^/\s]+(\S*)/)[1]}`);
  if (!(await page.getByRole('link', { name: QUESTION }).count())) {
    wrong.push(`the letter leads to ${page.url()}, which shows: ${await page.locator('.empty').innerText()}`);
  }

  // Ten days later its day has passed: the section sees it under きょう, the citizen too, and one press settles it.
  await house.later(10);
  await logIn(author, house, 'kankyo-sakusei');
  assert.deepEqual(await accessibility(page), []);
  await press(page, part(page, '見直しの期限が来たFAQ').getByRole('link', { name: QUESTION }));
  await page.getByText('見直し期限切れ').waitFor();
  await citizenPage.goto(`${house.address}/articles/${ARTICLE}`);
  await citizenPage.getByText(say('ja', 'review-overdue')).waitFor();
  await press(page, '見直し済みにする');
  assert.equal(await notice(page), '見直しを記録しました。');
  assert.equal(await page.getByText('見直し期限切れ').count(), 0);
  await untilShown(citizenPage, `${house.address}/articles/${ARTICLE}`, (it) =>
    it.locator('p.meta', { hasText: /第\d+版/, hasNotText: say('ja', 'review-overdue') }));
  assert.deepEqual(wrong, []);
}, { timeout: 180_000 });

journey('is thrown away by mistake and taken back on the same day', {}, async (person, page, house) => {
  await logIn(person, house, 'shimin-sakusei');
  await page.goto(`${house.staff}/articles/noyaki`);
  // Another section's answer can be read, not written.
  assert.equal(await page.getByRole('button', { name: '直す', exact: true }).count(), 0);
  await page.goto(`${house.staff}/articles/juminhyo-dairi`);
  await press(page, '直す');
  const draft = page.url();
  await page.locator('#summary_ja').fill('委任状があれば、家族でなくても取れます。');
  await press(page, '保存する');
  assert.equal(await notice(page), '保存しました。');
  await press(page, '捨てる');
  await page.getByText('この原稿は捨てられました。').waitFor();
  assert.deepEqual(await accessibility(page), []);
  await press(page, '元に戻す');
  assert.equal(page.url().split('?')[0], draft.split('?')[0]);
  assert.equal(await page.locator('#summary_ja').inputValue(), '委任状があれば、家族でなくても取れます。');
});

journey('cannot be handed in with holes, and says where they are', {}, async (person, page, house) => {
  await logIn(person, house, 'shimin-kanri');
  await page.goto(`${house.staff}/drafts`);
  await press(page, '新しいFAQを書く');
  await press(page, '承認に出す');
  assert.match(await page.title(), /^エラー/);
  const problems = page.locator('#problems');
  assert.match(await problems.innerText(), /直すところが\d+つあります/);
  const wrong = await accessibility(page);
  // Each line leads to its field, and the field repeats what is wrong.
  const links = await problems.getByRole('link').all();
  assert.ok(links.length >= 3);
  for (const link of links) {
    const reason = (await link.locator('..').innerText()).split('：')[1];
    await link.click();
    const target = page.locator(`#${(await link.getAttribute('href')).slice(1)}`);
    assert.ok(await target.isVisible(), reason);
    const told = (await target.getAttribute('aria-describedby')).trim().split(/\s+/);
    const words = await page.evaluate((ids) => ids.map((id) => document.getElementById(id)?.textContent).join(' '), told);
    assert.ok(words.includes(reason), `${reason} is said at its field: ${words}`);
  }
  assert.deepEqual(wrong, []);
});
