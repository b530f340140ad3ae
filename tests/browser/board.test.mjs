// A question that finds nothing: from two citizens over the board to an answer, and by mail back to the citizen.

import assert from 'node:assert/strict';
import { accessibility } from './lib/checks.mjs';
import { receipt } from './lib/pages.mjs';
import { follow, notice, press, untilShown } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';
import { say } from './lib/words.mjs';

const journey = stage();

const WORDS = 'アユ釣りの遊漁券がほしい';
const OTHER_WORDS = 'アユの遊漁券';
const GHOST = 'ゆうれいが出る';
const MAIL = 'tanpopo@example.jp';
const ANSWER = '遊漁券は、みなも川漁業協同組合が売っています。';

/** Asks, finds nothing, and leaves the question as it was asked. */
async function leaves(person, words, mail) {
  const { page } = person;
  await person.go('/');
  await page.locator('#q').fill(words);
  await page.keyboard.press('Enter');
  await page.getByRole('heading').filter({ hasText: say('ja', 'nothing-title') }).waitFor();
  assert.equal(await page.locator('#body').inputValue(), words);
  await page.locator('#mail').fill(mail);
  await press(page, page.getByRole('button', { name: say('ja', 'leave-send') }));
  const { pathname } = new URL(page.url());
  return { ...(await receipt(page)), path: pathname };
}

/** The group of the board that holds these words. */
const group = (page, words = WORDS) => page.locator('.groups > li').filter({ hasText: words });

journey('two citizens leave a question, a section answers both with one article', {}, async (citizen, citizenPage, house, join) => {
  const first = await leaves(citizen, WORDS, MAIL);
  const neighbour = await join();
  const second = await leaves(neighbour, OTHER_WORDS, '');
  await leaves(neighbour, GHOST, '');

  // The coordinator finds both as one on the board.
  const coordinator = await join('chosei');
  let { page } = coordinator;
  await follow(page, '質問', { exact: true });
  const wrong = [];
  await untilShown(page, `${house.staff}/board`, (it) => group(it, WORDS).filter({ hasText: OTHER_WORDS }), 1000);
  assert.deepEqual(await accessibility(page), []);
  assert.ok(!(await page.content()).includes(MAIL), 'where a citizen is reached does not stand on the board');

  // What is not for the city is put aside with a reason, and can be taken back.
  await group(page, GHOST).getByText('対応不要にする', { exact: true }).first().click();
  await group(page, GHOST).getByLabel(/^理由/).fill('市の仕事ではないため');
  await press(page, group(page, GHOST).getByRole('button', { name: '対応不要にする' }));
  assert.equal(await notice(page), '一覧から外しました。');
  assert.deepEqual(await group(page, GHOST).allInnerTexts(), []);
  await follow(page, '対応不要', { exact: true });
  assert.match(await group(page, GHOST).innerText(), /市の仕事ではないため[\s\S]*広聴相談課 全体調整/);
  assert.deepEqual(await accessibility(page), []);
  await press(page, group(page, GHOST).getByRole('button', { name: '一覧に戻す' }));
  await page.goto(`${house.staff}/board`);
  assert.equal(await group(page, GHOST).count(), 1);

  // By now what found nothing is written as well: whoever left a question is still one person.
  await page.waitForTimeout(6000);
  await group(page, GHOST).getByText('対応不要にする', { exact: true }).first().click();
  await group(page, GHOST).getByLabel(/^理由/).fill('市の仕事ではないため');
  await press(page, group(page, GHOST).getByRole('button', { name: '対応不要にする' }));
  assert.equal(await group(page, GHOST).count(), 0, 'what is written meanwhile does not bring it back');
  const people = await group(page).locator('.count b').first().innerText();
  if (people !== '2人') {
    wrong.push(`two people stand on the board as ${people}: ${await group(page).locator('.texts').first().innerText()}`);
  }

  // Each can be read alone, with what the citizen wrote and how they are told.
  await press(page, group(page).getByRole('link', { name: OTHER_WORDS }));
  await page.getByText('本人が番号と合い言葉で見に来ます').waitFor();
  const named = await page.getByText(/^本人が番号と/).innerText();
  assert.deepEqual(await accessibility(page), []);

  // One press, and there is a 原稿 with the citizens' words.
  await page.goto(`${house.staff}/board`);
  await press(page, group(page).getByRole('button', { name: '原稿をつくる' }));
  const draft = page.url().split('?')[0];
  assert.match(draft, /\/drafts\/[0-9a-f-]{36}$/);
  const question = await page.locator('#question_ja').inputValue();
  assert.ok([WORDS, OTHER_WORDS].includes(question), question);
  assert.ok((await page.locator('#keywords_ja').inputValue()).includes('遊漁券'));
  assert.deepEqual(await accessibility(page), []);
  // Pressed by somebody else as well, it is the same one.
  await page.goto(`${house.staff}/board`);
  await press(page, group(page).getByRole('link', { name: '作成中の原稿を開く' }));
  assert.equal(page.url(), draft);

  await page.locator('#question_ja').fill('川で釣りをするときの遊漁券は、どこで買えますか');
  await page.locator('#summary_ja').fill(ANSWER);
  await page.locator('#answer_ja').fill('釣具店とコンビニでも買えます。子どもは要りません。');
  await page.locator('#who_ja').fill('川で釣りをする方');
  await page.locator('#code').fill('ayu-yugyoken');
  await page.locator('#section').selectOption('kankyo');
  await page.locator('#main_topic').selectOption('community');
  await press(page, '承認に出す');
  assert.equal(await notice(page), '承認に出しました。');
  assert.equal(await page.getByRole('button', { name: '承認して公開' }).count(), 0, 'nobody approves their own');

  // Another person approves it.
  const approver = await join('kankyo-shonin');
  await approver.page.goto(draft);
  await press(approver.page, '承認して公開');
  assert.match(await notice(approver.page), /^公開しました。/);

  // Both citizens' pages show the answer; the board has done with them.
  for (const [person, { path }] of [[citizen, first], [neighbour, second]]) {
    await untilShown(person.page, `${house.address}${path}`, (it) => it.getByRole('heading', { name: say('ja', 'answer-title'), exact: true }), 1000);
    await person.page.getByText(say('ja', 'step-answered')).first().waitFor();
    assert.deepEqual(await accessibility(person.page), []);
    await untilShown(person.page, `${house.address}/articles/ayu-yugyoken`, (it) => it.getByText(ANSWER));
  }
  await untilShown(page, `${house.staff}/board`, (it) => it.locator('main').filter({ hasNot: it.getByRole('link', { name: WORDS }).and(it.locator('.texts a')) }), 1000);
  if (await group(page).count()) {
    wrong.push(`what has an answer now still stands on the board: ${await group(page).innerText()}`);
  }

  // The one who left an address gets a mail that gives nothing away, and its link opens the page with the key.
  const keeper = await join('kojin');
  ({ page } = keeper);
  await untilShown(page, `${house.staff}/simulators/mailbox`, (it) => it.getByText(MAIL));
  assert.equal(await page.getByText(MAIL).count(), 1);
  await press(page, page.locator('tbody tr').filter({ hasText: MAIL }).getByRole('link'));
  assert.deepEqual(await accessibility(page), []);
  const letter = await page.locator('.diff').innerText();
  assert.ok(letter.includes(first.number));
  for (const secret of ['遊漁券', first.key, ANSWER]) {
    assert.ok(!letter.includes(secret), `${secret} is nothing for others of the household`);
  }
  const [, path] = letter.match(/https?:\/\/[^/\s]+(\S*)/);
  await citizenPage.goto(`${house.address}${path}`);
  assert.ok(first.number.includes(await citizenPage.locator('#number').inputValue()));
  assert.notEqual(await citizenPage.locator('#number').inputValue(), '');
  await citizenPage.locator('#key').fill(first.key);
  await press(citizenPage, citizenPage.getByRole('button', { name: say('ja', 'lookup-button') }));
  await follow(citizenPage, '川で釣りをするときの遊漁券は、どこで買えますか');
  await citizenPage.getByText(ANSWER).waitFor();

  // What opens the page has one name in all that citizens and staff read.
  for (const sentence of [letter.match(/番号と.*/)[0], named].filter((it) => !it.includes(say('ja', 'key')))) {
    wrong.push(`the citizen's page says ${say('ja', 'key')}; elsewhere it is: ${sentence}`);
  }
  assert.deepEqual(wrong, []);
}, { timeout: 240_000 });

journey('a question goes to another section, which answers in its own words', {}, async (citizen, citizenPage, house, join) => {
  const left = await leaves(citizen, 'ゆうれいを見てほしい', MAIL);
  const coordinator = await join('chosei');
  let { page } = coordinator;
  await untilShown(page, `${house.staff}/questions`, (it) => it.getByRole('link', { name: 'ゆうれいを見てほしい' }));
  await follow(page, 'ゆうれいを見てほしい');
  await page.locator('#section').selectOption({ label: '市民課' });
  await page.locator('#remark').fill('戸籍の係で心当たりがあるそうです。');
  await press(page, '引き継ぐ');
  assert.equal(await notice(page), '引き継ぎました。');

  const author = await join('shimin-sakusei');
  ({ page } = author);
  await page.goto(`${house.staff}/`);
  await follow(page, 'ゆうれいを見てほしい');
  await page.getByText('戸籍の係で心当たりがあるそうです。').waitFor();
  await page.getByText('メールで知らせます').waitFor();
  // An empty answer is not sent.
  await press(page, '回答する');
  assert.match(await page.title(), /^エラー/);
  assert.deepEqual(await accessibility(page), []);
  await page.locator('#text').fill('ゆうれいの**鑑定**は、市ではしていません。');
  await press(page, '回答する');
  assert.equal(await notice(page), '回答しました。');

  await untilShown(citizenPage, `${house.address}${left.path}`, (it) => it.getByText('ゆうれいの鑑定は、市ではしていません。'), 1000);
  await citizenPage.getByText('市民課').first().waitFor();
  assert.equal(await citizenPage.getByText('心当たり').count(), 0, 'what sections tell each other stays with them');
  await untilShown(page, `${house.staff}/simulators/mailbox`, (it) => it.locator('tbody tr').filter({ hasText: MAIL }).first());
}, { timeout: 150_000 });
