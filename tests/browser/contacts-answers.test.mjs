// The coordinator's side of automatic answers: golden questions, questions back, corrections.

import assert from 'node:assert/strict';
import { begin, clerk, deskHolds, said, untilBotAnswers } from './lib/contacts.mjs';
import { follow, notice, press, untilShown } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage((house) => house.workday());

const main = (page) => page.locator('main').innerText();

journey('a question that fails closes its topic; mended, it is live again', {}, async (citizen, page, house, join) => {
  await untilBotAnswers(citizen, '住民票を郵送してほしい');
  const { page: desk } = await clerk(join, house, 'chosei');
  await desk.goto(`${house.staff}/answers`);
  await deskHolds(desk, 'answers');
  await follow(desk, 'ペット・動物');
  assert.match(await main(desk), /自動で答える/);
  await deskHolds(desk, 'topic');
  await follow(desk, '試験問題を加える');
  await desk.getByLabel('市民の質問').fill('住民票の写しがほしい');
  await press(desk, '加えて試験する');
  assert.match(await desk.locator('#question-articles-error').innerText(), /FAQのコード/);
  assert.equal(await desk.getByLabel('市民の質問').inputValue(), '住民票の写しがほしい');
  await deskHolds(desk, 'golden-wrong');
  await desk.getByLabel('正しい答えになるFAQのコード').fill('gomi-no-hi');
  await press(desk, '加えて試験する');
  assert.match(await main(desk), /合格点に届かない/);
  await deskHolds(desk, 'topic-failed');
  await follow(desk, '住民票の写しがほしい');
  await desk.getByLabel('正しい答えになるFAQのコード').fill('juminhyo');
  await press(desk, '直して試験する');
  assert.match(await main(desk), /自動で答える/);
  assert.doesNotMatch(await main(desk), /合格点に届かない/);
}, { timeout: 90_000 });

journey('a word that means several things is asked back as soon as it is saved', {}, async (citizen, page, house, join) => {
  const { page: desk } = await clerk(join, house, 'chosei');
  await desk.goto(`${house.staff}/answers`);
  await follow(desk, '聞き返し', { exact: true });
  await deskHolds(desk, 'clarifications');
  await follow(desk, '聞き返しを加える');
  await desk.getByLabel('市民のことば').fill('もやもやカード\n住民票');
  await desk.getByLabel('聞き返す文').fill('どのカードのことですか。');
  await desk.getByLabel('1. ボタンの文').fill('住民票をコンビニで');
  await desk.getByLabel('1. FAQのコード').fill('juminhyo-conveni');
  await desk.getByLabel('2. ボタンの文').fill('住民票を郵便で');
  await desk.getByLabel('2. FAQのコード').fill('juminhyo-yuso');
  await press(desk, '保存する');
  assert.match(await main(desk), /「住民票」は、ほかの聞き返しにあります/);
  assert.equal(await desk.getByLabel('2. FAQのコード').inputValue(), 'juminhyo-yuso');
  await deskHolds(desk, 'clarification-wrong');
  await desk.getByLabel('市民のことば').fill('もやもやカード');
  await press(desk, '保存する');
  assert.match(await notice(desk), /いまから聞き返します/);
  await begin(citizen, 'もやもやカードについて');
  await page.getByRole('button', { name: '住民票を郵便で' }).waitFor();
  assert.match((await said(page, '.bot')).join('\n'), /どのカードのことですか。/);
  await follow(desk, 'もやもやカード');
  await deskHolds(desk, 'clarification');
  await press(desk, '消す');
  assert.match(await notice(desk), /もう聞き返しません/);
  await begin(citizen, 'もやもやカードについて');
  await page.locator('.say.bot').first().waitFor();
  assert.doesNotMatch((await said(page, '.bot')).join('\n'), /どのカードのことですか。/);
}, { timeout: 90_000 });

journey('a correction reaches whoever was told', {}, async (citizen, page, house, join) => {
  await untilBotAnswers(citizen, '住民票を郵送してほしい');
  const { page: desk } = await clerk(join, house, 'chosei');
  await desk.goto(`${house.staff}/recalls`);
  await deskHolds(desk, 'recalls-empty');
  await desk.goto(`${house.staff}/answers`);
  await press(desk, desk.getByRole('link', { name: '住民票を郵送してほしい' }).first());
  await deskHolds(desk, 'answer-record');
  await follow(desk, 'この版を受けた人に訂正を伝える');
  await press(desk, 'だれに伝わるかを確かめる');
  assert.match(await desk.locator('main').getByRole('alert').innerText(), /書いてください/);
  await deskHolds(desk, 'recall-wrong');
  await desk.getByLabel('何がまちがっていたか').fill('手数料が古いままだった');
  await desk.getByLabel('正しい内容').fill('手数料は300円ではなく、400円です。');
  await press(desk, 'だれに伝わるかを確かめる');
  await deskHolds(desk, 'recall-prepared');
  assert.doesNotMatch((await said(page)).join('\n'), /400円です/, 'nobody is told yet');
  await press(desk, desk.getByRole('button', { name: /件に訂正を送る/ }));
  await page.locator('#messages', { hasText: '手数料は300円ではなく、400円です。' }).waitFor({ timeout: 20_000 });
  await untilShown(desk, desk.url().replace(/\?.*/, ''), (p) => p.locator('.tag', { hasText: '伝え終わった' }));
  await deskHolds(desk, 'recall-done');
  await desk.goto(`${house.staff}/recalls`);
  assert.match(await main(desk), /住民票を郵便?/);
  await deskHolds(desk, 'recalls');
}, { timeout: 90_000 });
