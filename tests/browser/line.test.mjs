// A person's path on LINE, played in the simulator, which goes the whole way over HTTP: follows, asks, is answered,
// talks with a person, joins with a slip, chooses what to be told, and blocks.

import assert from 'node:assert/strict';
import { accessibility, frame, overflow } from './lib/checks.mjs';
import { clerk, deskHolds, pickUp, queued, reply } from './lib/contacts.mjs';
import { picture } from './lib/pictures.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage((house) => house.workday());

const LINE = '/simulators/line';
/** Longest wait until the golden questions have run in a fresh city and the bot may answer. */
const GOLDEN = 60_000;

/** Opens the talk of a user of the simulator. */
async function open(page, house, name) {
  await page.goto(`${house.address}${LINE}`);
  await page.getByRole('link', { name }).click();
  await page.locator('.simusers a[aria-current]', { hasText: name }).waitFor();
}

/** The bubbles of the city that hold these words. */
const theirs = (page, words) => page.locator('.simtalk .theirs', { hasText: words });

async function say(page, words) {
  await page.locator('#text').fill(words);
  await page.getByRole('button', { name: '送信', exact: true }).click();
  await page.locator('.simtalk .mine', { hasText: words }).last().waitFor();
}

async function follow(page) {
  const button = page.getByRole('button', { name: '友だちに追加' });
  if (await button.count()) {
    await button.click();
  }
  await theirs(page, '友だち追加ありがとうございます').first().waitFor();
}

/** Asks until the bot answers: in a fresh city the golden questions run first. */
async function ask(page, words, part) {
  const until = Date.now() + GOLDEN;
  for (;;) {
    const before = await page.locator('.simtalk .theirs').count();
    await say(page, words);
    await page.locator('.simtalk .theirs').nth(before).waitFor();
    if (await theirs(page, part).count()) {
      return;
    }
    assert.ok(Date.now() < until, await page.locator('.simtalk').innerText());
    await page.waitForTimeout(1000);
  }
}

journey('follows, asks, talks with a person, reads what is personal on the city’s page', {}, async (citizen, page, house, join) => {
  await open(page, house, '子育て中の人');
  await picture(page, 'line-stranger');
  await follow(page);
  await ask(page, '住民票を郵送してほしい', 'くわしく見る');
  const answer = page.locator('.simtalk .flex').last();
  assert.match(await answer.innerText(), /円/);
  await picture(page, 'line-answer');
  assert.deepEqual(await accessibility(page), []);

  // The button over the keyboard.
  await page.locator('.simquick').getByRole('button', { name: '職員と話す' }).click();
  await theirs(page, '職員におつなぎします').waitFor();
  const { page: desk } = await clerk(join, house, 'operator-1');
  await desk.goto(`${house.staff}/contacts`);
  await queued(desk, '住民票を郵送してほしい').waitFor();
  await pickUp(desk, '住民票を郵送してほしい');
  await theirs(page, '職員が代わりました').waitFor();
  await reply(desk, '請求書は市のページにあります。');
  await theirs(page, '請求書は市のページにあります。').waitFor();
  await picture(desk, 'line-desk');

  // What is personal stands on no screen of LINE.
  await desk.getByLabel('個人の内容なので').check();
  await reply(desk, 'お預かりした請求書の番号は 12-3456 です。');
  await theirs(page, '市からのお返事があります').waitFor();
  assert.equal(await theirs(page, '12-3456').count(), 0);
  await picture(page, 'line-notice');
  const [letter] = await Promise.all([page.waitForEvent('popup'), page.getByRole('link', { name: 'お返事を読む' }).click()]);
  await letter.locator('#messages .say.staff', { hasText: '12-3456' }).waitFor();
  await letter.close();
  await say(page, 'ありがとうございます');
  await desk.getByText('ありがとうございます').first().waitFor();
  // What it cost.
  const { page: office } = await clerk(join, house, 'chosei');
  await office.goto(`${house.staff}/line/usage`);
  assert.match(await office.locator('main').innerText(), /応答/);
  await deskHolds(office, 'line-usage');
}, { timeout: 150_000 });

journey('joins with a slip of paper, chooses what to be told, and leaves', {}, async (citizen, page, house, join) => {
  await open(page, house, '80代の人');
  await follow(page);
  const { page: privacy } = await clerk(join, house, 'kojin');
  // Somebody who has left their mail address is a person of the house.
  const asked = await join();
  await asked.page.goto(`${house.address}/questions/new`);
  await asked.page.locator('#body').fill('LINEでも知らせてほしいです');
  await asked.page.locator('#mail').fill('resident@minamo.example');
  await asked.page.locator('main form button').first().click();
  await asked.page.waitForURL(/\/questions\/\d/);
  await privacy.goto(`${house.staff}/people`);
  await privacy.locator('input[name=q]').fill('resident@minamo.example');
  await privacy.locator('main form button').first().click();
  await privacy.waitForURL(/\/people\/[0-9a-f-]+/);
  await privacy.getByRole('button', { name: 'LINEの紙を作る' }).click();
  await privacy.getByText('LINEの紙ができました').waitFor();
  await picture(privacy, 'line-slip');
  const code = (await privacy.locator('.code b').innerText()).trim();
  assert.match(code, /^連携 [0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);

  // Whoever reads the QR code sees what it is, on a phone too.
  const slip = new URL((await privacy.locator('p.mono').innerText()).trim());
  const phone = await asked.context.newPage();
  await phone.goto(`${house.address}${slip.pathname}`);
  await phone.getByText(code).first().waitFor();
  assert.deepEqual(await accessibility(phone), []);
  await phone.setViewportSize({ width: 320, height: 640 });
  assert.deepEqual(await overflow(phone), []);
  await picture(phone, 'line-invitation');
  await phone.close();

  await say(page, code);
  await page.getByRole('link', { name: '内容を見て連携する' }).waitFor();
  const [dialogue] = await Promise.all([page.waitForEvent('popup'), page.getByRole('link', { name: '内容を見て連携する' }).click()]);
  await picture(dialogue, 'line-link');
  assert.deepEqual(await accessibility(dialogue), []);
  await dialogue.getByRole('link', { name: 'LINEの画面へ進む' }).click();
  await dialogue.getByRole('button', { name: '連携する' }).click();
  await dialogue.waitForURL(/\/simulators\/line/);
  await dialogue.close();
  await theirs(page, '連携しました').waitFor();

  // The welcome's buttons are gone; a rich menu would have this one.
  await say(page, '設定');
  await theirs(page, 'お知らせを選ぶ').last().waitFor();
  const [choices] = await Promise.all([page.waitForEvent('popup'), page.getByRole('link', { name: 'お知らせを選ぶ' }).last().click()]);
  await choices.getByRole('heading', { name: 'お知らせを選ぶ' }).waitFor();
  assert.match(await choices.locator('main').innerText(), /このLINEが、紙に書かれた方のものであること/);
  await choices.getByLabel('ごみ').first().check();
  await picture(choices, 'line-choices');
  assert.deepEqual(await accessibility(choices), []);
  await choices.setViewportSize({ width: 320, height: 640 });
  assert.deepEqual(await overflow(choices), []);
  await picture(choices, 'line-choices-320');
  await choices.getByRole('button', { name: 'この内容で受け取る' }).click();
  await choices.getByText('保存しました').waitFor();
  assert.ok(await choices.getByLabel('ごみ').first().isChecked());
  await choices.getByRole('button', { name: '連携をやめる' }).click();
  await choices.getByText('だれのLINEかは、持っていません').waitFor();
  await choices.close();

  await page.getByRole('button', { name: 'ブロック', exact: true }).click();
  await page.getByText('ブロックしています。').waitFor();
  await picture(page, 'line-blocked');
}, { timeout: 120_000 });

journey('two users talk at the same time, without script, on a small screen', { javaScriptEnabled: false, viewport: { width: 320, height: 640 } }, async (citizen, page, house, join) => {
  await page.goto(`${house.address}${LINE}`);
  await page.getByRole('link', { name: '小学生' }).click();
  await page.getByRole('button', { name: '友だちに追加' }).click();
  const other = await join();
  await open(other.page, house, '英語で読む人');
  await other.page.getByRole('button', { name: '友だちに追加' }).click();
  await theirs(other.page, 'Thank you for adding us').waitFor();
  await page.waitForTimeout(1500);
  await page.reload();
  await theirs(page, '友だち追加ありがとうございます').waitFor();
  assert.equal(await theirs(page, 'Thank you').count(), 0);
  assert.deepEqual((await overflow(page)).filter((fault) => fault.startsWith('scrolls')), []);
  assert.deepEqual(await frame(page), []);
}, { timeout: 60_000 });
