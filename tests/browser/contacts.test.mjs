// The contact centre, from both ends at once: the bot, the queue, the talk, the hand-over to a section, the end.

import assert from 'node:assert/strict';
import { begin, bubble, clerk, pickUp, queued, reply, said, seesNewest, speak, unfold, untilBotAnswers, wantPerson } from './lib/contacts.mjs';
import { picture } from './lib/pictures.mjs';
import { notice, press } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';
import { say } from './lib/words.mjs';

const journey = stage((house) => house.workday());

const MOVING = '引っ越し';

journey('the bot asks back, answers with its source, and answers what is asked on', {}, async (citizen, page) => {
  // It asks back in a fresh city as well; to answer, it waits for the golden questions.
  await untilBotAnswers(citizen, '住民票を郵送してほしい');
  await begin(citizen, MOVING);
  await bubble(page, 'bot', 'どのお引っ越しですか。').waitFor();
  await picture(page, 'contact-asked-back');
  await page.getByRole('button', { name: '市外から みなも市へ' }).click();
  await bubble(page, 'me', '市外から みなも市へ').waitFor();
  const answer = page.locator('#messages .say.bot').last();
  await answer.locator('.source').waitFor();
  assert.match(await answer.locator('.source').innerText(), /市民課 ・ \d{4}年\d+月\d+日に確認 ・ 第\d+版/);
  assert.equal(await page.locator('.choices').count(), 0, 'what was chosen from is gone');
  assert.ok(await seesNewest(page));

  await speak(page, 'いくらですか');
  await page.locator('.facts .focus').waitFor();
  assert.equal(await page.locator('.facts .focus dt').innerText(), say('ja', 'fact-fee'));
  assert.ok(await seesNewest(page), 'the newest answer is in the window');
  assert.equal(await page.locator('#words').inputValue(), '');
  await picture(page, 'contact-asked-on');

  // Whoever comes back sees the end of the talk at once.
  await page.reload();
  await page.waitForTimeout(300);
  assert.ok(await seesNewest(page), 'the newest answer is in the window after a reload');
}, { timeout: 120_000 });

journey('from the bot to an operator, to a section, to the end; nobody tells anything twice', {}, async (citizen, page, house, join) => {
  const times = [];
  /** Does something at one end and says how long the other end waits for it. */
  const measured = async (what, act, there) => {
    const from = performance.now();
    await act();
    await there.waitFor();
    times.push(`${what} ${Math.round(performance.now() - from)} ms`);
  };
  const { page: desk } = await clerk(join, house, 'operator-1');
  await desk.goto(`${house.staff}/contacts`);
  await begin(citizen, '赤ちゃんと引っ越してきました');
  await page.locator('.say.bot').first().waitFor();

  // The queue changes by itself.
  assert.equal(await queued(desk, /赤ちゃん/).count(), 0);
  await measured('into the queue', () => wantPerson(page), queued(desk, '赤ちゃんと引っ越してきました'));
  await page.locator('#status').getByText('つぎにお返事します').waitFor();
  await picture(page, 'contact-waiting');
  await picture(desk, 'contact-desk');
  await pickUp(desk, '赤ちゃんと引っ越してきました');
  await page.locator('#status').getByText('広聴相談課の職員がお返事します。').waitFor();

  // Both see each other's words, that the other one types, and what was read.
  await measured('to the desk', () => speak(page, '予防接種の紙をなくしました'), desk.locator('#talk .msg.citizen', { hasText: '予防接種の紙' }));
  await measured('to the citizen', () => reply(desk, 'お調べします。お待ちください。'), bubble(page, 'staff', 'お調べします。お待ちください。'));
  await measured('a second one to the desk', () => speak(page, '来週つかいます'), desk.locator('#talk .msg.citizen', { hasText: '来週つかいます' }));
  await desk.locator('#talk .msg.staff', { hasText: 'お調べします' }).getByText('既読').waitFor();
  await measured('that the citizen types', () => page.locator('#words').pressSequentially('あの'), desk.locator('#typing:not([hidden])'));
  await page.locator('#words').fill('');
  await measured('that the operator types', () => desk.locator('#reply-words').pressSequentially('は'), page.locator('#typing:not([hidden])'));
  await desk.locator('#reply-words').fill('');
  assert.equal(await bubble(page, 'me', '来週つかいます').count(), 1);

  // One key puts an answer into the reply; it can be changed, and goes out with its facts.
  await desk.locator('[data-insert][data-key="1"]').waitFor();
  await desk.locator('#reply-words').focus();
  await desk.keyboard.press('Alt+1');
  const inserted = await desk.locator('#reply-words').inputValue();
  assert.ok(inserted.length > 10, inserted);
  assert.notEqual(await desk.locator('#reply-article').inputValue(), '');
  await picture(desk, 'contact-inserted');
  await desk.keyboard.press('Control+Enter');
  const answer = bubble(page, 'staff', inserted);
  await answer.locator('.source').waitFor();
  assert.ok((await answer.locator('.facts dt').count()) > 0);
  await desk.locator('#talk .msg.staff', { hasText: inserted }).waitFor();
  assert.equal(await desk.locator('#reply-words').inputValue(), '');
  await picture(desk, 'contact-talk');

  // Handed over with a summary; the section sees all of it before it decides.
  await unfold(desk, '課に取り次ぐ');
  await desk.getByLabel('取り次ぐ課').selectOption('shimin');
  await desk.getByLabel(/^要約/).fill('転入した方。届け出の順番を知りたい。');
  await press(desk, '取り次ぎを頼む');
  await desk.getByText('市民課の返事を待っています').waitFor();
  const before = (await said(page)).length;
  const { page: section } = await clerk(join, house, 'shimin-sakusei');
  await section.goto(`${house.staff}/contacts`);
  await picture(section, 'contact-transfer-asked');
  await press(section, queued(section, '転入した方'));
  for (const words of ['赤ちゃんと引っ越してきました', '予防接種の紙をなくしました', 'お調べします。お待ちください。', '来週つかいます', inserted]) {
    await section.locator('#talk .said', { hasText: words }).first().waitFor();
  }
  await picture(section, 'contact-transfer');
  await press(section, '引き継ぐ');
  await page.locator('#status').getByText('市民課の職員がお返事します。').waitFor();
  await bubble(page, 'bot', '市民課が代わってお答えします。').waitFor();
  assert.equal((await said(page)).length, before + 1, 'the citizen keeps the whole conversation');
  // It is no longer the operator's: the desk says so by itself.
  await desk.waitForURL(/\/contacts\?/);
  assert.equal(await notice(desk), 'ほかの課が引き継ぎました。');

  await reply(section, '転入届から先にお願いします。');
  await bubble(page, 'staff', '転入届から先にお願いします。').waitFor();
  await speak(page, 'わかりました');
  await section.locator('#talk .msg.citizen', { hasText: 'わかりました' }).waitFor();
  await picture(page, 'contact-held');

  await unfold(section, '応対を終わる');
  await section.getByLabel('終わり方').selectOption({ index: 1 });
  await press(section, section.getByRole('button', { name: '終わる', exact: true }));
  await section.getByText('応対を終わりました').first().waitFor();
  await page.locator('.rate').waitFor();
  await picture(page, 'contact-resolved');
  await press(page, page.locator('.scores button').nth(4));
  await page.locator('.rate').getByText('5 と答えていただきました').waitFor();
  await section.locator('#talk').getByText('市民の評価 5／5').waitFor();
  assert.equal(await section.locator('.tag', { hasText: 'たらい回し' }).count(), 0);
  console.log(`# seen at the other end: ${times.join('; ')}`);
}, { timeout: 240_000 });

journey('what names a person is pointed out while it is typed, at both fields', {}, async (citizen, page) => {
  await citizen.go('/contacts/new');
  const warning = page.locator('#words-private');
  await page.locator('#words').pressSequentially('090-1234-567');
  assert.ok(await warning.isHidden());
  await page.locator('#words').pressSequentially('8に電話して');
  await warning.waitFor();
  await page.locator('#words').fill('電話して');
  await warning.waitFor({ state: 'hidden' });
  await begin(citizen, '電話して');
  await page.locator('#words').pressSequentially('南町1-23-4に住んでいます');
  await warning.waitFor();
  await picture(page, 'contact-warned');
  await speak(page, 'やめます');
  await bubble(page, 'me', 'やめます').waitFor();
  await warning.waitFor({ state: 'hidden' });
}, { timeout: 60_000 });
