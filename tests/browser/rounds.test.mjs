// 年次確認: the coordinator opens it in spring, a section goes through its answers, and the progress is seen.

import assert from 'node:assert/strict';
import { accessibility, overflow } from './lib/checks.mjs';
import { follow, notice, press, pressAndAgree, untilShown } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

const part = (page, title) => page.locator('section.panel').filter({ has: page.getByRole('heading', { name: title }) });

/** Days until the next 20 April: the fiscal year is young, and the last business day of the round lies in it. */
function untilSpring(today) {
  const year = Number(today.slice(0, 4)) + (today.slice(5) >= '04-20' ? 1 : 0);
  return { year, days: Math.round((Date.parse(`${year}-04-20`) - Date.parse(today)) / 86_400_000) };
}

/** The row of an article in the section's list. */
const row = (page, question) => page.locator('table tbody tr').filter({ has: page.getByRole('link', { name: question, exact: true }) });

journey('every answer of a section is confirmed, changed or ended', {}, async (citizen, citizenPage, house, join) => {
  const { year, days } = untilSpring(house.day());
  await house.later(days);
  const title = `${year}年度 FAQの年次確認`;
  const keeps = '粗大ごみはどうやって出しますか';
  const changes = '市の指定ごみ袋は、どこで買えますか。いくらですか';
  const ends = 'カラスや猫がごみを荒らして困ります';

  // The coordinator opens the round, for two sections to begin with.
  const coordinator = await join('chosei');
  let { page } = coordinator;
  await follow(page, '照会', { exact: true });
  await follow(page, '年次確認', { exact: true });
  await page.getByRole('heading', { name: '年次確認はまだありません' }).waitFor();
  assert.deepEqual(await accessibility(page), []);
  await press(page, page.locator('.head .actions').getByRole('link', { name: '年次確認をはじめる' }));
  assert.equal(await page.locator('#fiscal_year').inputValue(), String(year), 'the year that has begun');
  await page.getByLabel('下で選んだ課だけ').check();
  const choose = page.getByText('課を選ぶ', { exact: true });
  assert.ok(await choose.isVisible());
  await choose.click();
  await page.getByLabel('環境事業課', { exact: true }).check();
  await page.getByLabel('広聴相談課', { exact: true }).check();
  await press(page, 'はじめる');
  const round = page.url().split('?')[0];
  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), title);
  assert.deepEqual(await accessibility(page), []);
  const progress = part(page, '課ごとの進み具合');
  const total = 23;
  assert.match(await progress.innerText(), new RegExp(`0 / ${total}件`));
  assert.equal(await progress.locator('tbody tr').count(), 2);

  // A second round of the year is refused, with a reason that can be read.
  await page.goto(`${house.staff}/rounds/new`);
  await press(page, 'はじめる');
  assert.match(await page.title(), /^エラー/);
  assert.ok((await page.locator('.error').first().innerText()).length > 5);
  assert.deepEqual(await accessibility(page), []);

  // The section was told by mail, and finds the round under きょう.
  const author = await join('kankyo-sakusei');
  ({ page } = author);
  await untilShown(page, `${house.staff}/simulators/mailbox`, (it) => it.getByRole('link', { name: /照会が届きました/ }));
  await page.goto(`${house.staff}/`);
  await press(page, part(page, '答える照会').getByRole('link', { name: title }));
  const wrong = [];
  if (page.url() !== round) {
    wrong.push(`きょう leads to ${page.url()}, where none of the answers can be gone through, and not to ${round}`);
    await page.goto(round);
  }
  const own = part(page, /^環境事業課のFAQ/);
  assert.match(await own.innerText(), /0 \/ 19件が済みました/);
  assert.deepEqual(await accessibility(page), []);
  // The instructions call the buttons what they are called.
  await page.getByText('見直しのしかた').click();
  const named = (await own.locator('.prose').first().innerText()).match(/(?<=「)[^」]+(?=」)/g) ?? [];
  const buttons = await own.locator('tbody tr').first().locator('button, summary').allInnerTexts();
  const labels = buttons.map((words) => words.split(':')[0].trim()).filter(Boolean);
  for (const name of named.filter((it) => !labels.includes(it))) {
    wrong.push(`the instructions speak of 「${name}」, but there are ${labels.join('、')}`);
  }

  // The first answer stands as it is; by mistake, and back again.
  const confirm = (question) => press(page, row(page, question).getByRole('button', { name: /^変わりなし/ }));
  await confirm(keeps);
  assert.equal(await notice(page), '見直しを記録しました。');
  assert.match(await own.innerText(), /1 \/ 19件が済みました/);
  await page.getByText('済み 1件', { exact: true }).click();
  await press(page, row(page, keeps).getByRole('button', { name: /^残りに戻す/ }));
  assert.match(await own.innerText(), /0 \/ 19件が済みました/);
  await confirm(keeps);

  // The next one is changed: a 原稿, handed in like any other.
  await press(page, row(page, changes).getByRole('button', { name: /^直す/ }));
  assert.match(page.url(), /\/drafts\/[0-9a-f-]{36}/);
  await page.locator('#fee_ja').fill('45Lは10枚で480円、30Lは10枚で320円');
  await press(page, '承認に出す');
  const draft = page.url().split('?')[0];

  // Another of the section approves it, ends what is not needed any more, and confirms the rest.
  const approver = await join('kankyo-shonin');
  ({ page } = approver);
  await page.goto(draft);
  await press(page, '承認して公開');
  await page.goto(round);
  assert.match(await part(page, /^環境事業課のFAQ/).innerText(), /2 \/ 19件が済みました/);
  await row(page, ends).locator('summary', { hasText: 'やめる' }).click();
  await row(page, ends).getByLabel('やめる理由').fill('カラスの相談は環境保全課のFAQにまとめたため');
  await press(page, row(page, ends).getByRole('button', { name: '掲載をやめる' }));
  assert.equal(await notice(page), '終わりにしました。');
  const rest = () => page.getByRole('button', { name: /^変わりなし/ });
  for (let left = await rest().count(); left > 0; left -= 1) {
    assert.equal(await rest().count(), left);
    await press(page, rest().first());
  }
  await page.getByText('すべて済みました。').waitFor();
  await page.getByLabel(/^伝えたいこと/).fill('1件は環境保全課のFAQにまとめました。');
  assert.deepEqual(await accessibility(page), []);
  await press(page, '課として回答する');
  assert.equal(await notice(page), '回答しました。');
  assert.equal(await page.getByRole('button', { name: '課として回答する' }).count(), 0);

  // The coordinator sees it, accepts the section's answer, and reminds the one that is not ready.
  ({ page } = coordinator);
  await page.goto(round);
  assert.match(await progress.innerText(), new RegExp(`19 / ${total}件`));
  const of = (section) => progress.locator('tbody tr').filter({ has: page.getByRole('link', { name: section, exact: true }) });
  assert.match(await of('環境事業課').innerText(), /回答あり[\s\S]*19 \/ 19/);
  assert.match(await of('広聴相談課').innerText(), /未着手[\s\S]*0 \/ 4/);
  await press(page, of('環境事業課').getByRole('button', { name: '受け付ける' }));
  if (page.url().split('?')[0] !== round) {
    wrong.push(`受け付ける leads away from the round, to ${page.url()}`);
    await page.goto(round);
  }
  assert.match(await of('環境事業課').innerText(), /受付済み/);
  await page.goto(`${round}?section=kankyo`);
  if (!(await page.getByText('1件は環境保全課のFAQにまとめました。').count())) {
    wrong.push('what the section wrote to the coordinator stands nowhere in the round');
  }
  assert.deepEqual(await accessibility(page), []);
  await page.setViewportSize({ width: 320, height: 800 });
  assert.deepEqual((await overflow(page)).filter((fault) => fault.startsWith('scrolls')), []);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(round);
  assert.match(await pressAndAgree(page, '締め切る'), /締め切りますか/);
  await page.goto(round);
  await page.getByText('締め切り済み').first().waitFor();

  // The public sees today as the day of the check, the new fee, and the ended answer no more.
  const [month, day] = house.day().split('-').slice(1).map(Number);
  const article = (code) => `${house.address}/articles/${code}`;
  await untilShown(citizenPage, article('sodai-gomi-yoyaku'), (it) => it.getByText(new RegExp(`${month}月${day}日`)));
  await untilShown(citizenPage, article('gomi-shitei-bukuro'), (it) => it.getByText('480円'));
  const gone = await citizenPage.goto(article('karasu-taisaku'));
  assert.ok([404, 410].includes(gone.status()), String(gone.status()));
  assert.deepEqual(wrong, []);
}, { timeout: 240_000 });
