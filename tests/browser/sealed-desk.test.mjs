// The desk of sealed cases: a call is typed in, and the case goes from its danger signs to its end; the wall; the lock.

import assert from 'node:assert/strict';
import { clerk, deskHolds } from './lib/contacts.mjs';
import { follow, notice, press } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const PASSPHRASE = 'みなも まどべ かぜ ひかり';

const journey = stage();
const main = (page) => page.locator('main').innerText();

/** Somebody of the desk, with their desk open. */
async function atDesk(join, house, login) {
  const { page } = await clerk(join, house, login);
  await unlock(page, house);
  return page;
}

async function unlock(page, house) {
  await page.goto(`${house.staff}/sealed/unlock`);
  await page.getByLabel('パスフレーズ').fill(PASSPHRASE);
  await press(page, '窓口を開ける');
}

/** Types a call in; stays on the receipt. */
async function typeIn(page, house, words, school = '東小学校') {
  await page.goto(`${house.staff}/sealed/cases/new`);
  await page.getByLabel('受けた方法').selectOption('phone');
  await page.getByLabel('話した人').selectOption('child');
  await page.getByLabel('学校（わかれば）').fill(school);
  await page.getByLabel('話したこと').fill(words);
  await press(page, '受け付けて、受付番号を作る');
}

/** Opens a form of the case by its link, fills it, sends it. */
async function act(page, link, fields, button) {
  await follow(page, link, { exact: true });
  for (const [label, value] of Object.entries(fields)) {
    const field = page.getByLabel(label, { exact: true });
    await ((await field.evaluate((e) => e.tagName)) === 'SELECT' ? field.selectOption(value) : field.fill(value));
  }
  await press(page, button);
}

journey('whoever is a party reads no more, and what was typed outlives the lock', {}, async (_, __, house, join) => {
  const one = await atDesk(join, house, 'ijime-1');
  const two = await atDesk(join, house, 'ijime-2');
  await one.goto(`${house.staff}/sealed`);
  assert.match(await main(one), /読める事案は、まだありません/);
  await deskHolds(one, 'sealed-empty');
  await typeIn(one, house, 'となりの席の子に、わるくちを言われます。');
  await follow(one, '事案を開く');
  const address = one.url();
  await two.goto(address);
  assert.match(await main(two), /わるくち/);
  await act(one, '当事者を加える', { この事案での立場: 'accused', 名前: '職員のひとり', 市の職員なら: { label: 'いじめ相談 相談員 2（ijime-2）' } }, '当事者を記録する');
  assert.match(await main(one), /いじめ相談 相談員 2/);
  await deskHolds(one, 'sealed-walled');
  assert.equal((await two.goto(address)).status(), 404);

  // Locked in another window meanwhile: the words are kept, and the passphrase sends them.
  await one.goto(address);
  const other = await one.context().newPage();
  await other.goto(`${house.staff}/sealed`);
  await press(other, '窓口を閉じる');
  await one.getByLabel('相談した人が読みます').fill('話してくれて、ありがとう。');
  await press(one, '返事を送る');
  assert.match(await main(one), /書いたものは、この画面に残っています/);
  await deskHolds(one, 'sealed-locked');
  await one.getByLabel('パスフレーズ').fill(PASSPHRASE);
  await press(one, '窓口を開けて、つづける');
  assert.match(await main(one), /話してくれて、ありがとう。/);
  // Nothing of it comes back from the browser's own store.
  await press(one, '窓口を閉じる');
  await one.goBack();
  assert.doesNotMatch(await main(one), /わるくち/);
  one.context().clearCookies();
}, { timeout: 120_000 });

journey('a first key', {}, async (_, __, house, join) => {
  const { page } = await clerk(join, house, 'kaifuku-1');
  await page.goto(`${house.staff}/sealed`);
  await deskHolds(page, 'sealed-key');
  await page.getByLabel('パスフレーズ', { exact: true }).fill('みじかい');
  await page.getByLabel('もう一度').fill('みじかい');
  await page.getByLabel('忘れたときにどうなるかを読みました。').check();
  await press(page, 'このパスフレーズで鍵を作る');
  await deskHolds(page, 'sealed-key-wrong');
  await page.getByLabel('パスフレーズ', { exact: true }).fill('たぬき 信号 みずうみ 七時半');
  await page.getByLabel('もう一度').fill('たぬき 信号 みずうみ 七時半');
  await page.getByLabel('忘れたときにどうなるかを読みました。').check();
  await press(page, 'このパスフレーズで鍵を作る');
  assert.match(await notice(page), /鍵を作りました/);
}, { timeout: 60_000 });

journey('a case from a call to its end', {}, async (_, __, house, join) => {
  const { page } = await clerk(join, house, 'ijime-1');
  await page.goto(`${house.staff}/sealed`);
  await deskHolds(page, 'sealed-unlock');
  assert.match(await main(page), /デモのパスフレーズ/);
  await page.getByLabel('パスフレーズ').fill('ちがう');
  await press(page, '窓口を開ける');
  assert.match(await main(page), /パスフレーズがちがいます/);
  await deskHolds(page, 'sealed-unlock-wrong');
  await page.getByLabel('パスフレーズ').fill(PASSPHRASE);
  await press(page, '窓口を開ける');
  assert.match(await page.locator('[data-left]').innerText(), /あと1[45]分で閉じます/);

  await follow(page, '電話・手紙・来庁を入力する');
  await deskHolds(page, 'sealed-new');
  await press(page, '受け付けて、受付番号を作る');
  await deskHolds(page, 'sealed-new-wrong');
  await typeIn(page, house, '毎日くつをかくされて、もう死にたいと言っている。');
  assert.match(await main(page), /危険のしるしがあります/);
  assert.equal((await page.locator('.digits span').allInnerTexts()).join('').length, 24);
  assert.ok(!page.url().includes('?'), 'the receipt stands in no address');
  await deskHolds(page, 'sealed-receipt');
  await follow(page, '事案を開く');
  const one = page.url();
  await deskHolds(page, 'sealed-case-new');
  await page.goto(`${house.staff}/sealed`);
  await deskHolds(page, 'sealed-list');

  // Triage: a person looks, and what is done first is written down.
  await page.goto(one);
  await page.getByLabel('読んで確かめたことと、つぎにすること').fill('母に電話した。今夜は家族がそばにいる。');
  await press(page, 'しるしを確かめたと記録する');
  await act(page, '初動を記録する', { したこと: '本人と母に電話した。' }, '初動を記録する');
  assert.equal(await notice(page), '記録しました。');
  await act(page, '重大事態の疑いを記録する', { 種類: '1', どこからそう考えたか: '死にたいと言っている' }, '疑いを記録する');
  await act(page, '市長への報告', { 学校名: '東小学校', '児童生徒の氏名と学年など': '5年の児童', 報告のときの状況: 'くつを隠され、死にたいと訴えている。' }, '報告を記録する');
  await follow(page, '報告書を開いて印刷する');
  assert.match(await main(page), /第28条第1項/);
  await deskHolds(page, 'sealed-mayor');

  // A referral to the school waits for the child's yes.
  await page.goto(one);
  const referral = { つなぐ先: '東小学校', 学校に伝わるか: 'yes', 何のために: '休み時間の見守り', 同意: '本人が電話で「校長先生にはいいよ」と言った。' };
  await act(page, 'つなぎを頼む', referral, 'つなぎを記録する');
  assert.match(await main(page), /学校に知らせてよいか、まだ聞いていません/);
  assert.equal(await page.getByLabel('何のために', { exact: true }).inputValue(), '休み時間の見守り');
  await deskHolds(page, 'sealed-act-wrong');
  await page.goto(one);
  await act(page, '本人の希望を書きかえる', { 学校に知らせてよいか: 'yes', してほしいこと: 'くつを返してほしい' }, '希望を記録する');
  await act(page, 'つなぎを頼む', referral, 'つなぎを記録する');
  await page.locator('summary', { hasText: '返事を記録する' }).click();
  await page.getByLabel('引き受けてもらえた').check();
  await page.getByLabel('返事や理由').fill('校長が、休み時間に見守ると答えた。');
  await press(page, '記録する');
  assert.match(await main(page), /引き受けた/);
  await page.getByLabel('相談した人が読みます').fill('校長先生が、休み時間に見ていてくれます。');
  await press(page, '返事を送る');
  assert.match(await notice(page), /受付番号で読めます/);
  await page.locator('summary', { hasText: 'メモを書く' }).click();
  await page.locator('#note-words').fill('担任には、まだ話さない。');
  await press(page, 'メモを残す');
  await act(page, 'いじめの判定を記録する', { 結果: 'yes', '理由と、会議で確かめたこと': '本人が苦しいと感じている。' }, '判定を記録する');
  await act(page, '行為の停止を記録する', { どう確かめたか: '本人と校長に聞いた。' }, '停止を記録する');
  assert.match(await main(page), /見守りまで/);
  await deskHolds(page, 'sealed-case');
  await follow(page, '読む人・見た人・保全');
  await deskHolds(page, 'sealed-readers');
  await page.goto(one);
  await follow(page, '記録を印刷する');
  await deskHolds(page, 'sealed-print');
  await page.goto(one);
  await follow(page, '似た事案でしたこと');
  await deskHolds(page, 'sealed-similar');
  for (const [name, path] of Object.entries({ participants: '参加者と開示', backgrounds: '家庭や生活の背景', conferences: '会議' })) {
    await page.goto(one);
    await follow(page, path, { exact: true });
    await deskHolds(page, `sealed-${name}`);
  }
  await follow(page, '会議を計画する');
  await page.getByLabel('会議の種類', { exact: true }).selectOption('case');
  await page.getByLabel('日', { exact: true }).fill(house.day(3));
  await page.getByLabel('場所', { exact: true }).fill('第2会議室');
  await page.getByLabel('議題（1行に1つ）', { exact: true }).fill('見守りの分担');
  await deskHolds(page, 'sealed-conference-plan');
  await press(page, '計画する');
  await follow(page, '会議録を書く');
  await page.getByLabel('会議録', { exact: true }).fill('見守りを分担した。');
  await page.getByLabel('1つめ').first().fill('給食の時間を見る');
  await deskHolds(page, 'sealed-conference-minutes');
  await press(page, '記録する');
  await deskHolds(page, 'sealed-conferences-held');
  // Another meeting does not come about; without a reason the form stays open where it was.
  await follow(page, '会議を計画する');
  await page.getByLabel('会議の種類', { exact: true }).selectOption('case');
  await page.getByLabel('日', { exact: true }).fill(house.day(5));
  await page.getByLabel('場所', { exact: true }).fill('第3会議室');
  await page.getByLabel('議題（1行に1つ）', { exact: true }).fill('学校の見守り');
  await press(page, '計画する');
  await page.locator('summary', { hasText: '取りやめる' }).click();
  await press(page, '会議を取りやめる');
  assert.match(await main(page), /書いてください/);
  await deskHolds(page, 'sealed-conference-off-wrong');
  await page.getByLabel('理由', { exact: true }).fill('学校の都合がつかない。');
  await press(page, '会議を取りやめる');
  assert.match(await main(page), /取りやめた理由\s*学校の都合がつかない。/);
  await deskHolds(page, 'sealed-conference-off');
  await page.goto(one);
  await act(page, '支援金の申請', { 何の費用: 'lawyer', なぜ要るか: '弁護士に相談するため' }, '申請を記録する');
  await page.goto(`${house.staff}/sealed/passphrase`);
  await deskHolds(page, 'sealed-passphrase');

  // Three months later.
  await house.later(94);
  // Logged in anew: the session of three months ago has ended.
  const { page: later } = await join('ijime-1');
  await unlock(later, house);
  await later.goto(`${house.staff}${new URL(one).pathname}`);
  await act(later, '解消を確かめる', { どう確かめたか: '本人が、もうだいじょうぶと言う。' }, '解消を記録する');
  await act(later, '終結する', { 終わり方: 'resolved', '理由と、相談した人に伝えたこと': '見守りが終わった。いつでも書けると伝えた。' }, '終結する');
  assert.match(await main(later), /終結/);
  await deskHolds(later, 'sealed-closed');
}, { timeout: 240_000 });
