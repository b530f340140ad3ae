// When the city hall is closed: what a citizen is told, and a call in the next open hours. And all of it without scripts.

import assert from 'node:assert/strict';
import { begin, bubble, clerk, queued, said } from './lib/contacts.mjs';
import { accessibility } from './lib/checks.mjs';
import { picture } from './lib/pictures.mjs';
import { press } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';
import { say } from './lib/words.mjs';

const journey = stage((house) => house.workday());

journey('without scripts, in the day: every step is a form', { javaScriptEnabled: false }, async (citizen, page, house, join) => {
  await begin(citizen, '引っ越し');
  for (let tries = 0; tries < 30 && !(await page.locator('.choices form').count()); tries += 1) {
    await page.waitForTimeout(1000);
    await begin(citizen, '引っ越し');
  }
  await press(page, 'みなも市の中で');
  await bubble(page, 'me', 'みなも市の中で').waitFor();
  await page.locator('.source').last().waitFor();
  await page.locator('#words').fill('いくらですか');
  await press(page, '送る');
  assert.equal((await said(page, '.me')).at(-1), 'いくらですか');
  await page.locator('.facts .focus').waitFor();
  await picture(page, 'contact-plain');

  // Too much is refused, and what was typed is still there.
  await page.locator('#words').evaluate((field) => field.removeAttribute('maxlength'));
  await page.locator('#words').fill('あ'.repeat(4001));
  await press(page, '送る');
  assert.match(await page.title(), /^エラー/);
  assert.equal((await page.locator('#words').inputValue()).length, 4001);
  assert.deepEqual(await said(page, '.me'), ['引っ越し', 'みなも市の中で', 'いくらですか']);
  await page.locator('#words').fill('');

  await press(page, page.locator('.chatways').getByRole('button', { name: '職員と話す' }));
  await page.locator('#status').getByText('つぎにお返事します').waitFor();
  const { page: desk } = await clerk(join, house, 'operator-1', { javaScriptEnabled: false });
  await desk.goto(`${house.staff}/contacts`);
  await press(desk, queued(desk, 'いくらですか'));
  await press(desk, '引き受ける');
  await desk.locator('#reply-words').fill('市民課の窓口なら無料です。');
  await press(desk, desk.locator('#reply button'));
  await press(page, page.getByRole('link', { name: '新しい返事を見る' }));
  await bubble(page, 'staff', '市民課の窓口なら無料です。').waitFor();
  await press(page, page.getByRole('link', { name: '新しい返事を見る' }));
  await press(page, '終わる');
  await press(page, page.locator('.scores button').nth(3));
  await page.locator('.rate').getByText('4 と答えていただきました').waitFor();

  // Found again with number and key; a wrong key is not.
  await page.locator('details summary', { hasText: 'あとで続きを見るには' }).click();
  const [number, key] = await page.locator('.receipt dd').allInnerTexts();
  await citizen.go('/contacts');
  await page.locator('#number').fill(number);
  await page.locator('#key').fill('AAAA-AAAA-AAAA-AAAA');
  await press(page, say('ja', 'lookup-button'));
  await page.getByText(say('ja', 'lookup-wrong')).waitFor();
  await page.locator('#key').fill(key.toLowerCase());
  await press(page, say('ja', 'lookup-button'));
  await bubble(page, 'staff', '市民課の窓口なら無料です。').waitFor();
}, { timeout: 150_000 });

journey('at night the citizen is told when, and may ask for a call', {}, async (citizen, page, house, join) => {
  await house.later(0, '22:00');
  // The address has changed with the program.
  const night = await join(undefined, { origin: house.address });
  ({ page } = night);
  await begin(night, '職員と話したい');
  await bubble(page, 'bot', /いまは受付時間の外です。\d+月\d+日（.）.*時.*から、順にお返事します。/).waitFor();
  await page.locator('#status').getByText('いまは受付時間の外です。').waitFor();
  await picture(page, 'contact-night');
  await press(page, page.locator('.chatways').getByRole('link', { name: '電話をもらう' }));
  assert.deepEqual(await accessibility(page), []);
  await page.locator('#phone').fill('12');
  await page.locator('input[name=window]').first().check();
  await press(page, 'この時間に電話をもらう');
  assert.match(await page.title(), /^エラー/);
  await page.getByText('電話番号を、市外局番から数字で入れてください').waitFor();
  assert.equal(await page.locator('#phone').inputValue(), '12');
  assert.ok(await page.locator('input[name=window]').first().isChecked(), 'the time stays chosen');
  assert.deepEqual(await accessibility(page), []);
  await picture(page, 'contact-call-back');
  await page.locator('#phone').fill('090-1234-5678');
  await press(page, 'この時間に電話をもらう');
  await bubble(page, 'bot', /お電話します。\d+月\d+日.*から.*のあいだです。/).waitFor();
  assert.equal(await page.getByRole('link', { name: '電話をもらう' }).count(), 0, 'it is asked for once');

  // The desk has it in its list, with the number, and may say what came of it.
  const { page: desk } = await clerk(join, house, 'operator-2');
  await desk.goto(`${house.staff}/contacts`);
  await desk.locator('#queue').getByRole('heading', { name: /折り返しの電話/ }).waitFor();
  await press(desk, queued(desk, '職員と話したい'));
  assert.doesNotMatch(await desk.locator('.call .phone').innerText(), /1234/, 'the number is for whoever calls');
  await press(desk, '引き受ける');
  await desk.locator('.call .phone', { hasText: /90-?1234-?5678/ }).waitFor();
  await picture(desk, 'contact-call');
  await press(desk, '出ない');
  await desk.locator('#talk').getByText('電話をかけました（出ない）').waitFor();
  await press(desk, 'あきらめる');
  await bubble(page, 'bot', 'お電話しましたが、つながりませんでした。').waitFor();
  await picture(page, 'contact-call-missed');
}, { timeout: 150_000 });
