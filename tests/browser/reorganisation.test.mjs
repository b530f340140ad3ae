// A reorganisation: prepared today, decided by two, in force on its day.

import assert from 'node:assert/strict';
import { accessibility, overflow } from './lib/checks.mjs';
import { follow, logIn, notice, press, pressAndAgree, reorganisationStep as step, untilShown } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

const DAYS = 40;
const RENAMED = { ja: '資源循環課', easy: '資源循環課(しげんじゅんかんか)', en: 'Resource Circulation Section' };

const section = (page) => page.locator('aside h2').first().innerText();

journey('changes nothing before its day, and everything on it', {}, async (citizen, citizenPage, house, join) => {
  const administrator = await join('kanri-1');
  const second = await join('kanri-2');
  const author = await join('kankyo-sakusei');
  const showsBoth = async (waste, culture) => {
    await citizenPage.goto(`${house.address}/articles/gomi-no-hi`);
    assert.equal(await section(citizenPage), waste);
    await citizenPage.goto(`${house.address}/articles/${cultural}`);
    assert.equal(await section(citizenPage), culture);
  };
  const cultural = 'shimin-kaikan-hall';
  await showsBoth('環境事業課', '文化振興課');

  // Prepared: a name and a day that must be in the future.
  let { page } = administrator;
  await follow(page, '管理', { exact: true });
  assert.deepEqual(await accessibility(page), []);
  await follow(page, /^組織改正/);
  await follow(page, '新しく準備する');
  await page.getByLabel('名前', { exact: true }).fill('ごみと文化の組織改正');
  await page.getByLabel('施行日').fill(house.day());
  await press(page, '準備を始める');
  assert.match(await page.title(), /^エラー/);
  assert.deepEqual(await accessibility(page), []);
  assert.equal(await page.getByLabel('名前', { exact: true }).inputValue(), 'ごみと文化の組織改正');
  await page.getByLabel('施行日').fill(house.day(DAYS));
  await press(page, '準備を始める');
  const plan = new URL(page.url()).pathname;

  // Steps: a new name, and a section that goes into another one.
  await step(page, '改称', async () => {
    await page.getByLabel('どの課ですか').selectOption('kankyo');
    await press(page, 'つぎへ');
    await page.getByLabel('名前', { exact: true }).fill(RENAMED.ja);
    await page.getByLabel('名前（やさしい日本語）').fill(RENAMED.easy);
    await page.getByLabel('名前（英語）').fill(RENAMED.en);
    assert.deepEqual(await accessibility(page), []);
  });
  await step(page, '廃止', async () => {
    await page.getByLabel('どの課ですか').selectOption('bunka');
    await page.getByLabel('引き継ぎ先').selectOption('sports');
  });
  const told = await page.locator('main').innerText();
  assert.match(told, /「環境事業課」を「資源循環課」に改称します。/);
  assert.match(told, /「文化振興課」を廃止します。「スポーツ振興課」が引き継ぎます。/);
  assert.deepEqual(await accessibility(page), []);
  await page.setViewportSize({ width: 320, height: 800 });
  assert.deepEqual((await overflow(page)).filter((fault) => fault.startsWith('scrolls')), []);
  await page.setViewportSize({ width: 1280, height: 900 });

  // One asks, and cannot decide; the other finds it under きょう, reads what it does, and decides.
  await page.getByLabel('もう一人に伝えること').fill('議会で議決されました。');
  await press(page, '承認を頼む');
  assert.equal(await notice(page), 'もう一人の承認を待っています。');
  await follow(page, '2人で決める変更');
  await page.getByText('あなたが頼んだ変更です。').waitFor();
  assert.equal(await page.getByRole('button', { name: '承認する' }).count(), 0);
  ({ page } = second);
  await page.goto(`${house.staff}/`);
  await follow(page, /議会で議決されました。/);
  await page.getByText(/組織改正「ごみと文化の組織改正」（.*施行・手順2件）を予定にします。/).waitFor();
  assert.deepEqual(await accessibility(page), []);
  await follow(page, 'くわしく見る');
  assert.equal(new URL(page.url()).pathname, plan);
  await page.goBack();
  assert.match(await pressAndAgree(page, '承認する'), /承認しますか/);
  await page.goto(`${house.staff}${plan}`);
  await page.getByText('予定', { exact: true }).waitFor();
  await page.getByText('自動で新しい組織に切り替わります。').waitFor();
  assert.deepEqual(await accessibility(page), []);

  // Nothing is different today; the organisation of that day can be looked at.
  await showsBoth('環境事業課', '文化振興課');
  await author.page.goto(`${house.staff}/`);
  assert.match(await author.page.locator('.head').innerText(), /環境事業課/);
  await page.goto(`${house.staff}/organisation`);
  await page.getByRole('link', { name: '環境事業課', exact: true }).waitFor();
  assert.equal(await page.getByRole('link', { name: RENAMED.ja, exact: true }).count(), 0);
  await page.getByLabel('この日の組織を見る').fill(house.day(DAYS));
  await press(page, '見る');
  await page.getByRole('link', { name: RENAMED.ja, exact: true }).waitFor();
  assert.equal(await page.getByRole('link', { name: '文化振興課', exact: true }).count(), 0);
  assert.deepEqual(await accessibility(page), []);

  // The day before: still the old one.
  await house.later(DAYS - 1);
  await showsBoth('環境事業課', '文化振興課');

  // The day itself: citizens read the new names in every language, the staff find their work.
  await house.later(1);
  await showsBoth(RENAMED.ja, 'スポーツ振興課');
  assert.deepEqual(await accessibility(citizenPage), []);
  await citizenPage.goto(`${house.address}/en/articles/gomi-no-hi`);
  assert.equal(await section(citizenPage), RENAMED.en);
  await citizenPage.goto(`${house.address}/easy/articles/gomi-no-hi`);
  assert.equal((await citizenPage.locator('aside h2').first().textContent()).replaceAll(/\s/g, ''), RENAMED.easy);

  await logIn(author, house, 'kankyo-sakusei');
  ({ page } = author);
  assert.match(await page.locator('.head').innerText(), new RegExp(RENAMED.ja));
  await page.goto(`${house.staff}/articles/gomi-no-hi`);
  await press(page, '直す');
  await page.getByRole('button', { name: '承認に出す' }).waitFor();
  assert.match(await page.locator('#section option:checked').innerText(), new RegExp(RENAMED.ja));
  await page.goto('about:blank');

  await logIn(administrator, house, 'kanri-1');
  ({ page } = administrator);
  await page.goto(`${house.staff}${plan}`);
  await page.getByText('施行済み', { exact: true }).waitFor();
  await page.goto(`${house.staff}/organisation/bunka`);
  await page.locator('.note.warn').getByText('スポーツ振興課').waitFor();
  assert.deepEqual(await accessibility(page), []);

  // A question that comes now reaches the section that took over.
  await citizenPage.goto(`${house.address}/questions/new?q=${encodeURIComponent('市民会館のホールや会議室を借りるには、どうしますか')}`);
  await press(citizenPage, citizenPage.locator('form[action$="/questions"] button'));
  const receipt = citizenPage.url();
  await untilShown(citizenPage, receipt, (it) => it.locator('.steps').getByText('スポーツ振興課'), 1000);
}, { timeout: 180_000 });
