// A lost phone: two administrators let a person set up password and second factor anew.

import assert from 'node:assert/strict';
import { accessibility, overflow } from './lib/checks.mjs';
import { PASSWORD, follow, logIn, notice, press, pressAndAgree, tryLogIn } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

const NEW_PASSWORD = 'あたらしい-ことばを-ならべる-7';
const REASON = '本人が窓口に来て、スマートフォンをなくしたと申し出ました。';

journey('is replaced by what two administrators decide', {}, async (person, page, house, join) => {
  // An old session, on a device that may be in other hands.
  const lost = await join('shimin-sakusei');

  // The password is known, the code is not.
  await page.goto(`${house.staff}/login`);
  await page.locator('#login').fill('shimin-sakusei');
  await page.locator('#password').fill(PASSWORD);
  await press(page, 'つぎへ');
  assert.deepEqual(await accessibility(page), []);
  const shown = (await page.locator('code.code').innerText()).trim();
  await page.locator('#code').fill(shown === '123456' ? '654321' : '123456');
  await press(page, 'ログイン');
  assert.match(await page.locator('#error').innerText(), /コードがちがいます/);
  assert.deepEqual(await accessibility(page), []);
  await page.goto(`${house.staff}/articles`);
  await page.getByRole('heading', { name: '職員のログイン' }).waitFor();
  await page.getByText('システム管理者に伝えてください').waitFor();

  // One administrator asks for the reset; not without a reason, and not alone.
  const first = await join('kanri-1');
  await first.page.goto(`${house.staff}/accounts`);
  await first.page.locator('[data-search]').fill('shimin-sakusei');
  await press(first.page, 'しぼり込む');
  await follow(first.page, '市民課 作成者');
  const account = first.page.url();
  await press(first.page, '設定のやり直しを頼む');
  assert.match(await first.page.title(), /^エラー/);
  assert.deepEqual(await accessibility(first.page), []);
  await first.page.locator('#reset-reason').fill(REASON);
  await press(first.page, '設定のやり直しを頼む');
  assert.equal(await notice(first.page), 'もう一人の承認を待っています。');
  await first.page.goto(`${house.staff}/changes`);
  await first.page.getByText('あなたが頼んだ変更です。').waitFor();
  assert.equal(await first.page.getByRole('button', { name: '承認する' }).count(), 0);
  // Nothing has happened to the account yet.
  await lost.page.goto(`${house.staff}/articles`);
  await lost.page.getByRole('heading', { level: 1, name: 'FAQ' }).waitFor();

  // The privacy officer decides on other things, not on accounts.
  const keeper = await join('kojin');
  await keeper.page.goto(`${house.staff}/changes`);
  assert.equal(await keeper.page.getByText(REASON).count(), 0);
  const seen = await keeper.page.goto(`${house.staff}/`);
  assert.equal(seen.status(), 200);
  const leaked = await keeper.page.getByText(REASON).count();

  // The other administrator reads it and agrees; the invitation is shown once.
  const second = await join('kanri-2');
  await second.page.goto(`${house.staff}/`);
  await follow(second.page, new RegExp(REASON));
  await second.page.getByText('市民課 作成者（shimin-sakusei） のパスワードと確認コードを消して、設定をやり直せるようにします。').waitFor();
  assert.deepEqual(await accessibility(second.page), []);
  assert.match(await pressAndAgree(second.page, '承認する'), /承認しますか/);
  await second.page.getByRole('heading', { name: /への招待$/ }).waitFor();
  assert.deepEqual(await accessibility(second.page), []);
  const link = await second.page.getByLabel('招待のリンク').inputValue();
  assert.ok(link.startsWith(`${house.staff}/invitations/`), link);
  assert.ok((await second.page.getByLabel('そのまま渡せる文').inputValue()).includes(link));
  await second.page.goto(`${house.staff}/changes`);
  assert.ok(!(await second.page.content()).includes(link), 'shown once');
  await second.page.goto(account);
  await second.page.getByText('ログインしている端末はありません。').waitFor();

  // The old session is gone, and the old password with it.
  await lost.page.goto(`${house.staff}/articles`);
  await lost.page.getByRole('heading', { name: '職員のログイン' }).waitFor();
  await tryLogIn(person, house, 'shimin-sakusei');
  assert.match(await page.locator('#error').innerText(), /ログイン名かパスワードがちがいます/);

  // The person comes in by the invitation, with the mistakes that one makes.
  await page.goto(link);
  await page.getByText('市民課 作成者 さん').waitFor();
  await page.getByRole('img', { name: '認証アプリ用のQRコード' }).waitFor();
  assert.deepEqual(await accessibility(page), []);
  await page.setViewportSize({ width: 320, height: 800 });
  assert.deepEqual((await overflow(page)).filter((fault) => fault.startsWith('scrolls')), []);
  await page.setViewportSize({ width: 1280, height: 900 });
  const secret = await page.locator('code.secret').innerText();
  const code = async () => (await page.locator('code.code').innerText()).trim();
  const fill = async (password, again, digits) => {
    await page.locator('#password').fill(password);
    await page.locator('#again').fill(again);
    await page.locator('#code').fill(digits);
    await press(page, '設定を終える');
  };
  await fill(NEW_PASSWORD, `${NEW_PASSWORD}8`, await code());
  await page.locator('#again-error').waitFor();
  assert.deepEqual(await accessibility(page), []);
  await fill('みじかい', 'みじかい', await code());
  await page.locator('#password-error').waitFor();
  await fill(NEW_PASSWORD, NEW_PASSWORD, '000000');
  await page.locator('#code-error').waitFor();
  assert.equal(await page.locator('code.secret').innerText(), secret, 'the app that read the QR code still fits');
  await fill(NEW_PASSWORD, NEW_PASSWORD, await code());
  assert.equal(await notice(page), '設定が終わりました。新しいパスワードでログインしてください。');

  // In again, with the new password and the new device; the invitation is used up.
  await logIn(person, house, 'shimin-sakusei', NEW_PASSWORD);
  await page.goto(`${house.staff}/me`);
  assert.equal(await page.locator('table tbody tr').count(), 1, 'this device and no other');
  const used = await page.goto(link);
  assert.equal(used.status(), 404);
  await lost.page.goto(`${house.staff}/articles`);
  await lost.page.getByRole('heading', { name: '職員のログイン' }).waitFor();

  // The decision stands in the record, and in the list of what two decided.
  await first.page.goto(`${house.staff}/changes`);
  const row = first.page.locator('tbody tr').filter({ hasText: REASON });
  assert.match(await row.innerText(), /承認[\s\S]*システム管理者 2/);
  assert.equal(leaked, 0, 'why somebody lost a device is for administrators, also under きょう');
}, { timeout: 120_000 });

journey('changes of mind: asked, taken back, asked again and refused with a reason', {}, async (person, page, house, join) => {
  const [first, second] = [await join('kanri-1'), await join('kanri-2')];
  await first.page.goto(`${house.staff}/accounts?q=kankyo-shonin`);
  await follow(first.page, '環境事業課 承認者');
  const account = first.page.url();
  const ask = async () => {
    await first.page.goto(account);
    await first.page.locator('#reset-reason').fill(REASON);
    await press(first.page, '設定のやり直しを頼む');
  };
  await ask();
  await first.page.goto(`${house.staff}/changes`);
  await press(first.page, '取り下げる');
  assert.equal(await notice(first.page), '取り消しました。');
  await ask();
  await second.page.goto(`${house.staff}/changes`);
  await press(second.page, '却下する');
  assert.match(await second.page.locator('[role=alert]').innerText(), /理由/);
  assert.deepEqual(await accessibility(second.page), []);
  await second.page.getByLabel('ひとこと').fill('本人からの申し出を確かめられませんでした。');
  await press(second.page, '却下する');
  const row = second.page.locator('tbody tr').filter({ hasText: '確かめられませんでした' });
  assert.match(await row.innerText(), /却下/);
  await tryLogIn(person, house, 'kankyo-shonin');
  await page.getByRole('heading', { level: 1, name: 'きょう' }).waitFor();
}, { timeout: 60_000 });
