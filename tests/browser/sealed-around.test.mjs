// Around the bullying desk: who works there, the sheets that give a key back, two officers who open one case, the list of
// danger signs, leaflets.

import assert from 'node:assert/strict';
import { accessibility, overflow } from './lib/checks.mjs';
import { picture } from './lib/pictures.mjs';
import { follow, notice, press, pressAndAgree } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

/** What the demo city says on the page that opens a desk. */
const DEMO = 'みなも まどべ かぜ ひかり';
const OWN = 'あおい 空と しろい 雲の うた';
const MINUTES = { timeout: 240_000 };

/** Opens the desk of somebody who has a key. */
async function unlock(page, house, passphrase) {
  await page.goto(`${house.staff}/sealed/unlock`);
  await page.locator('#passphrase').fill(passphrase);
  await press(page, '窓口を開ける');
}

/** Makes the first key of somebody; the desk is open then. */
async function makeKey(page, house) {
  await page.goto(`${house.staff}/sealed/key`);
  await page.locator('#key-passphrase').fill(OWN);
  await page.locator('#key-again').fill(OWN);
  await page.getByLabel('忘れたときにどうなるかを読みました。').check();
  await press(page, 'このパスフレーズで鍵を作る');
}

/** Nothing is wrong with a page on a desk, a phone and a small phone. */
async function sound(page, name) {
  await picture(page, name);
  assert.deepEqual(await accessibility(page), [], name);
  const before = page.viewportSize();
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 800 });
    assert.deepEqual((await overflow(page)).filter((fault) => fault.startsWith('scrolls')), [], `${name} ${width}`);
  }
  await page.setViewportSize(before);
}

/** The sheets on the page, as an officer reads them off the paper: row by row, in groups. */
async function sheets(page) {
  const texts = [];
  for (const table of await page.locator('.deskcode').all()) {
    texts.push((await table.locator('td').allInnerTexts()).join(' '));
  }
  return texts;
}

journey('three of five printed sheets prove that they give a key, and give one back', {}, async (_, __, house, join) => {
  const { page } = await join('ijime-1');
  await page.goto(`${house.staff}/sealed/recovery`);
  await page.getByRole('heading', { name: '回復の紙は、まだありません' }).waitFor();
  await sound(page, 'recovery-empty');
  await follow(page, '回復の紙を作る');
  assert.equal(await page.getByRole('checkbox', { name: /鍵の回復の担当/ }).count(), 5);
  await sound(page, 'recovery-set');
  await pressAndAgree(page, '紙を作る');
  await page.getByText('この画面は、一度だけです。').waitFor();
  const printed = await sheets(page);
  assert.equal(printed.length, 5);
  await sound(page, 'recovery-sheets');
  await page.emulateMedia({ media: 'print' });
  await picture(page, 'recovery-sheets-print');
  await page.emulateMedia({ media: 'screen' });

  // A sheet was mistyped: it is told beside that sheet, and the others stay.
  await page.goto(`${house.staff}/sealed/recovery/rehearsal`);
  const wrong = printed[2].replace(/^..../, (four) => [...four].reverse().join(''));
  await page.getByLabel('1枚目').pressSequentially(printed[4].toLowerCase());
  await page.getByLabel('2枚目').fill(wrong === printed[2] ? `${printed[2].slice(0, -1)}${printed[2].endsWith('0') ? 1 : 0}` : wrong);
  await page.getByLabel('3枚目').fill(printed[0]);
  await press(page, '鍵になるかを確かめる');
  await page.locator('#share-2-error').waitFor();
  assert.equal(await page.getByLabel('1枚目').inputValue(), printed[4].toLowerCase());
  await sound(page, 'recovery-rehearsal-wrong');
  await page.getByLabel('2枚目').fill(printed[2].replaceAll(' ', ''));
  await press(page, '鍵になるかを確かめる');
  assert.equal(await notice(page), '紙から鍵ができました。練習の日時を残しました。');
  await sound(page, 'recovery');

  // ijime-2 has opened the desk once since the sheets were made, and forgets what they typed.
  const other = await join('ijime-2');
  await unlock(other.page, house, DEMO);
  await other.page.goto(`${house.staff}/sealed/recovery/restoration`);
  await other.page.getByLabel('パスフレーズを忘れた人').selectOption({ label: 'いじめ相談 相談員 2（相談員）' });
  await other.page.getByLabel('新しいパスフレーズ').fill(OWN);
  await other.page.getByLabel('もう一度').fill(OWN);
  for (const [i, sheet] of [printed[1], printed[3], printed[2]].entries()) {
    await other.page.getByLabel(`${i + 1}枚目`).fill(sheet);
  }
  await sound(other.page, 'recovery-restoration');
  await press(other.page, '鍵をもどす');
  assert.equal(await notice(other.page), '鍵をもどしました。新しいパスフレーズで窓口を開けられます。');
  await unlock(other.page, house, DEMO);
  await other.page.locator('#passphrase-error').waitFor();
  await unlock(other.page, house, OWN);
  await other.page.waitForURL(/\/sealed$/);
}, MINUTES);

journey('two officers open one case when nobody is there, and the desk is told', {}, async (_, __, house, join) => {
  const [one, two] = [await join('kaifuku-1'), await join('kaifuku-2')];
  await makeKey(one.page, house);
  await makeKey(two.page, house);
  const desk = await join('ijime-1');
  await unlock(desk.page, house, DEMO);
  await desk.page.goto(`${house.staff}/sealed/cases/new`);
  await desk.page.getByLabel('受けた方法').selectOption('phone');
  await desk.page.getByLabel('話した人').selectOption('child');
  await desk.page.locator('#new-words').fill('くつをかくされました');
  await press(desk.page, '受け付けて、受付番号を作る');
  const address = await desk.page.getByRole('link', { name: '事案を開く' }).getAttribute('href');
  const short = address.split('/').at(-1).slice(0, 8);

  await one.page.goto(`${house.staff}/sealed/glass`);
  await sound(one.page, 'glass-ask');
  await one.page.getByLabel('事案の番号札').fill('00000000');
  await one.page.getByLabel('もう一人の担当者').selectOption({ label: '鍵の回復の担当 2' });
  await one.page.getByLabel('いま開かなければならない理由').fill('相談員が二人とも休み、きょう中に動くことがあります。');
  await press(one.page, '同意を求める');
  await one.page.locator('#glass-case-error').waitFor();
  await one.page.getByLabel('事案の番号札').fill(short.toUpperCase());
  await press(one.page, '同意を求める');
  assert.match(await notice(one.page), /求めました/);
  await sound(one.page, 'glass-asked');

  await two.page.goto(`${house.staff}/sealed/glass`);
  await two.page.getByText('相談員が二人とも休み').waitFor();
  await sound(two.page, 'glass-waiting');
  assert.match(await pressAndAgree(two.page, '同意する'), /読めるようになります/);
  await one.page.reload();
  await follow(one.page, short);
  await one.page.getByText('くつをかくされました').first().waitFor();
  await desk.page.goto(house.staff + address);
  await desk.page.getByText(/非常時の閲覧：/).first().waitFor();

  await desk.page.goto(`${house.staff}/sealed/members`);
  await sound(desk.page, 'members');
  await pressAndAgree(desk.page, desk.page.getByRole('button', { name: /わたしの読む事案から外す/ }));
  await desk.page.getByText('1件').first().waitFor();
  const gone = await one.page.goto(house.staff + address);
  assert.equal(gone.status(), 404);

  for (const [path, name] of [['/sealed/effect?by=school', 'effect'], ['/sealed/effect/publication', 'publication'], ['/sealed/agenda', 'agenda']]) {
    await desk.page.goto(house.staff + path);
    await sound(desk.page, name);
  }
  await desk.page.goto(`${house.address}/en/bullying/effect`);
  await sound(desk.page, 'effect-public');

  const supervisor = await join('ijime-kantoku');
  await supervisor.page.goto(`${house.staff}/sealed/overdue`);
  await supervisor.page.getByText(short).first().waitFor();
  assert.ok(!(await supervisor.page.locator('body').innerText()).includes('くつ'));
  await sound(supervisor.page, 'overdue');
  const admin = await join('kanri-1');
  await admin.page.goto(`${house.staff}/sealed/members`);
  await sound(admin.page, 'members-admin');
  // What is not there is told so, on purpose.
  one.faults.length = 0;
}, MINUTES);

journey('the desk adds a danger sign and prints a leaflet', {}, async (_, __, house, join) => {
  const { page } = await join('ijime-1');
  await page.goto(`${house.staff}/sealed/signs`);
  await sound(page, 'signs');
  await page.getByLabel('子どもの書きそうな文').fill('やねのうえに ひとりで いる');
  await press(page, 'しるしが付くかを見る');
  await page.getByText('しるしは付きません').waitFor();
  await follow(page, 'しるしを加える');
  await press(page, '加える');
  await page.locator('#sign-name-error').waitFor();
  await sound(page, 'signs-wrong');
  await page.locator('#sign-name').fill('高い所にいる');
  await page.locator('#sign-words').fill('やねのうえ\n屋根の上\n屋上');
  await page.locator('#sign-why').fill('いまいる所を先に聞いてください。');
  await press(page, '加える');
  assert.equal(await notice(page), '一覧を変えました。これからの相談に使われます。');
  await page.getByLabel('子どもの書きそうな文').fill('やねのうえに ひとりで いる');
  await press(page, 'しるしが付くかを見る');
  await page.getByText('1個のしるしが付きます').waitFor();
  await sound(page, 'signs-tried');

  await page.goto(`${house.staff}/sealed/leaflets`);
  await page.getByLabel('学校の名前').fill('みなも東小学校');
  await press(page, '作る');
  await sound(page, 'leaflets');
  await follow(page, 'みなも東小学校');
  await sound(page, 'leaflet');
  await page.emulateMedia({ media: 'print' });
  await picture(page, 'leaflet-print');
}, MINUTES);
