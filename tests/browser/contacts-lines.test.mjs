// Conversations whose lines are cut, whose windows are closed, and which two people have open at once.

import assert from 'node:assert/strict';
import { begin, bubble, clerk, forgive, pickUp, queued, reply, said, speak, wantPerson } from './lib/contacts.mjs';
import { picture } from './lib/pictures.mjs';
import { press } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage((house) => house.workday());

/** A conversation that a person of the desk has. */
async function held(citizen, page, house, join, words) {
  await begin(citizen, words);
  await page.locator('.say.bot').first().waitFor();
  await wantPerson(page);
  const operator = await clerk(join, house, 'operator-1');
  await operator.page.goto(`${house.staff}/contacts`);
  await pickUp(operator.page, words);
  await page.locator('#status').getByText('広聴相談課の職員がお返事します。').waitFor();
  return operator;
}

journey('what is written while the line is cut arrives once and in order', {}, async (citizen, page, house, join) => {
  const { page: desk } = await held(citizen, page, house, join, '水道の名義を変えたい');
  const mine = ['水道の名義を変えたい', '一つめ', '二つめ', '三つめ'];
  await citizen.context.setOffline(true);
  for (const words of mine.slice(1)) {
    await speak(page, words);
  }
  await page.getByText('まだ送れていません').first().waitFor();
  assert.equal(await page.locator('.pending').count(), 3);
  await picture(page, 'contact-offline');
  // The desk answers meanwhile.
  await reply(desk, 'はい、お名前の変更ですね。');
  await desk.locator('#talk .msg.staff', { hasText: 'お名前の変更' }).waitFor();
  await citizen.context.setOffline(false);
  await desk.locator('#talk .msg.citizen', { hasText: '三つめ' }).waitFor();
  await bubble(page, 'staff', 'お名前の変更').waitFor();
  await page.locator('.pending').first().waitFor({ state: 'detached' });
  assert.deepEqual(await said(page, '.me'), mine);
  assert.deepEqual(await desk.locator('#talk .msg.citizen .said').allInnerTexts(), mine);
  const shown = await said(page);
  await page.reload();
  await bubble(page, 'me', '三つめ').waitFor();
  assert.deepEqual(await said(page), shown, 'the page shows what the city has, in its order');
  forgive(citizen);
}, { timeout: 90_000 });

journey('what waits in the outbox is there after a reload', {}, async (citizen, page, house, join) => {
  const { page: desk } = await held(citizen, page, house, join, '犬を飼いはじめました');
  // The line holds for pages and is cut for messages.
  const cut = '**/messages';
  await page.route(cut, (route) => route.abort('internetdisconnected'));
  await speak(page, '名前はポチです');
  await speak(page, '注射はまだです');
  await page.getByText('まだ送れていません').first().waitFor();
  await page.reload();
  assert.equal(await page.locator('.pending').count(), 2);
  assert.equal(await desk.locator('#talk .msg.citizen').count(), 1);
  await page.unroute(cut);
  await desk.locator('#talk .msg.citizen', { hasText: '注射はまだです' }).waitFor();
  assert.deepEqual(await said(page, '.me'), ['犬を飼いはじめました', '名前はポチです', '注射はまだです']);
  await page.reload();
  assert.deepEqual(await said(page, '.me'), ['犬を飼いはじめました', '名前はポチです', '注射はまだです']);
  assert.equal(await page.locator('.pending').count(), 0);
  forgive(citizen);
}, { timeout: 90_000 });

journey('what an operator was typing is there in another window', {}, async (citizen, page, house, join) => {
  const operator = await held(citizen, page, house, join, '図書館のカードを作りたい');
  const address = operator.page.url();
  await operator.page.locator('#reply-words').pressSequentially('図書館のカードは、');
  await operator.page.getByText('下書きを保存しました').waitFor();
  await operator.page.locator('#reply-words').pressSequentially('どの館でも');
  await operator.page.waitForTimeout(1000);
  await operator.leave();
  const again = await clerk(join, house, 'operator-1');
  await again.page.goto(address);
  assert.equal(await again.page.locator('#reply-words').inputValue(), '図書館のカードは、どの館でも');
  await again.page.locator('#reply-words').press('Control+Enter');
  await bubble(page, 'staff', '図書館のカードは、どの館でも').waitFor();
  await again.page.reload();
  assert.equal(await again.page.locator('#reply-words').inputValue(), '', 'what was sent is no draft');
}, { timeout: 90_000 });

journey('two operators: who has it is said; taking over wants a reason, and the other one sees it', {}, async (citizen, page, house, join) => {
  const { page: first } = await held(citizen, page, house, join, '街灯が消えています');
  const { page: second } = await clerk(join, house, 'operator-2');
  await second.goto(first.url());
  await second.locator('#about').getByText('応対中 オペレーター 1').waitFor();
  assert.equal(await second.locator('#reply').count(), 0);
  await picture(second, 'contact-of-another');
  // The browser itself asks for the reason.
  await second.getByRole('button', { name: '代わって引き受ける' }).click();
  assert.equal(await second.evaluate(() => document.querySelector('#why').matches(':invalid')), true);
  await second.getByLabel('代わる理由').selectOption({ index: 1 });
  await press(second, '代わって引き受ける');
  await second.locator('#reply').waitFor();
  await first.locator('#reply').waitFor({ state: 'detached' });
  await first.locator('#about').getByText('応対中 オペレーター 2').waitFor();
  await first.locator('#talk').getByText('オペレーター 2が代わって引き受けました').waitFor();
  await reply(second, '場所を教えてください。');
  await bubble(page, 'staff', '場所を教えてください。').waitFor();
  await first.locator('#talk .msg.staff', { hasText: '場所を教えてください。' }).waitFor();
}, { timeout: 90_000 });

journey('of two who take the same person, one is told', {}, async (citizen, page, house, join) => {
  const { page: first } = await clerk(join, house, 'operator-1');
  const { page: second } = await clerk(join, house, 'operator-2');
  await begin(citizen, '公園の木が倒れそうです');
  await page.locator('.say.bot').first().waitFor();
  await wantPerson(page);
  for (const desk of [first, second]) {
    await desk.goto(`${house.staff}/contacts`);
    await press(desk, queued(desk, '公園の木が倒れそうです'));
    // The second one's page does not hear of the first in time.
    await desk.route('**/contacts/stream*', (route) => route.abort('aborted'));
  }
  await second.reload();
  await press(first, '引き受ける');
  await press(second, '引き受ける');
  await second.getByRole('alert').getByText('ほかの人が先に引き受けました。').waitFor();
  await second.getByText('応対中 オペレーター 1').waitFor();
}, { timeout: 90_000 });

journey('two windows of one citizen stay in step', {}, async (citizen, page, house, join) => {
  const { page: desk } = await held(citizen, page, house, join, '市民税のことで');
  const other = await citizen.context.newPage();
  await other.goto(page.url());
  await speak(page, 'こちらから');
  await bubble(other, 'me', 'こちらから').waitFor();
  await speak(other, 'あちらから');
  await bubble(page, 'me', 'あちらから').waitFor();
  await reply(desk, '両方に');
  await bubble(page, 'staff', '両方に').waitFor();
  await bubble(other, 'staff', '両方に').waitFor();
  assert.deepEqual(await said(other), await said(page));
  await press(other, '終わる');
  await page.locator('.rate').waitFor();
  await page.locator('#status').getByText('この応対は終わりました。').waitFor();
}, { timeout: 90_000 });
