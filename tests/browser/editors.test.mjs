// Two people of a section write on one answer at the same time: they see each other, and nothing is lost.

import assert from 'node:assert/strict';
import { accessibility, overflow } from './lib/checks.mjs';
import { follow, notice, press, pressAndAgree } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

const ARTICLE = 'inkan-toroku';
const HERS = '印鑑登録は、市民課の2番窓口で、本人が申し込みます。';
const HIS = '印鑑登録は、どの支所でも申し込めます。';
const HIS_FEE = '登録は400円';
/** A sign of life is given every 15 seconds. */
const NOTICED = { timeout: 20_000 };

/** Both have the 原稿 of an article open: she begins it, he comes after her. */
async function both(house, join, article) {
  const [her, him] = [await join('shimin-sakusei'), await join('shimin-kanri')];
  await her.page.goto(`${house.staff}/articles/${article}`);
  await press(her.page, '直す');
  await him.page.goto(`${house.staff}/articles/${article}`);
  await him.page.getByText('この記事には原稿があります').waitFor();
  assert.equal(await him.page.getByRole('button', { name: '直す', exact: true }).count(), 0, 'there is one 原稿');
  await follow(him.page, '原稿を開く');
  assert.equal(him.page.url(), her.page.url());
  return [her.page, him.page];
}

journey('both see each other, and the second takes single fields over', {}, async (citizen, citizenPage, house, join) => {
  const [her, his] = await both(house, join, ARTICLE);
  await his.getByText('市民課 作成者さんも、この原稿を開いています。').waitFor(NOTICED);
  await her.getByText('市民課 課の管理者さんも、この原稿を開いています。').waitFor(NOTICED);
  assert.deepEqual(await accessibility(her), []);

  // She writes, and it is saved while she does.
  await her.locator('#summary_ja').fill(HERS);
  await her.getByText(/^保存しました/).waitFor();
  // The preview follows what is written.
  await her.locator('[data-preview]').getByText(HERS).first().waitFor();

  // He writes on what he read before; he is told, and stays where he is.
  await his.locator('#summary_ja').fill(HIS);
  await his.locator('#fee_ja').fill(HIS_FEE);
  const trouble = his.getByRole('alert').filter({ hasText: 'ほかの人が先に保存しました。あなたの文章は残してあります。' });
  await trouble.waitFor();
  assert.equal(await his.locator('#summary_ja').inputValue(), HIS);
  assert.deepEqual(await accessibility(his), []);

  // Even if he closes the window now, it is there when he comes back.
  const draft = his.url();
  await his.goto(draft);
  await his.getByText('保存できなかった、あなたの文章が残っています。').waitFor();
  assert.equal(await his.locator('#summary_ja').inputValue(), HERS, 'hers stands');
  await follow(his, /の文章とくらべる$/);
  assert.deepEqual(await accessibility(his), []);
  await his.setViewportSize({ width: 320, height: 800 });
  assert.deepEqual((await overflow(his)).filter((fault) => fault.startsWith('scrolls')), []);
  await his.setViewportSize({ width: 1280, height: 900 });

  // Both texts side by side: her summary, his fee.
  const choice = (label) => his.getByRole('group', { name: label });
  assert.equal(await his.getByRole('group').count(), 2, 'only what differs is asked');
  const summary = choice(/要約/);
  assert.match(await summary.innerText(), new RegExp(`${HERS}[\\s\\S]*${HIS}`));
  await summary.getByLabel('いまの原稿を使う').check();
  await choice(/お金/).getByLabel('あなたの文章を使う').check();
  await press(his, '選んだとおりに保存する');
  assert.equal(await notice(his), '保存しました。');
  assert.equal(await his.locator('#summary_ja').inputValue(), HERS);
  assert.equal(await his.locator('#fee_ja').inputValue(), HIS_FEE);
  assert.equal(await his.getByText('保存できなかった').count(), 0);

  // She is on the older text now; what she writes is kept the same way, and thrown away only when she says so.
  await her.locator('#note').fill('窓口の番号を足した');
  await her.getByRole('link', { name: '2つの文章をくらべる' }).waitFor();
  await follow(her, '2つの文章をくらべる');
  const question = await pressAndAgree(her, 'あなたの文章を消して、いまの原稿を使う');
  assert.match(question, /よろしいですか/);
  assert.equal(await her.locator('#fee_ja').inputValue(), HIS_FEE);

  // He leaves; she is alone again.
  await his.goto(`${house.staff}/`);
  await her.locator('[data-others]').waitFor({ state: 'hidden', ...NOTICED });
}, { timeout: 120_000 });

journey('a button pressed on an old page loses nothing either', {}, async (citizen, citizenPage, house, join) => {
  const [her, his] = await both(house, join, 'tennyu');
  await her.locator('#place_ja').fill('市民課（本庁1階 2番窓口）');
  await press(her, '保存する');
  assert.equal(await notice(her), '保存しました。');
  await his.locator('#hours_ja').fill('平日 8時45分から17時まで');
  await press(his, '承認に出す');
  await his.getByRole('heading', { name: 'ほかの人が先に保存しました' }).waitFor();
  for (const group of await his.getByRole('group').all()) {
    const mine = (await group.innerText()).includes('17時まで');
    await group.getByLabel(mine ? 'あなたの文章を使う' : 'いまの原稿を使う').check();
  }
  await press(his, '選んだとおりに保存する');
  assert.equal(await his.locator('#place_ja').inputValue(), '市民課（本庁1階 2番窓口）');
  assert.equal(await his.locator('#hours_ja').inputValue(), '平日 8時45分から17時まで');
}, { timeout: 60_000 });

journey('what the line cut off is saved when it is there again', {}, async (person, page, house, join) => {
  const { page: desk, context, faults } = await join('shimin-sakusei');
  await desk.goto(`${house.staff}/articles/juminhyo`);
  await press(desk, '直す');
  await context.setOffline(true);
  await desk.locator('#summary_ja').fill('住民票の写しは、コンビニでもとれます。');
  await desk.getByText('つながりません。書いた文章はこの画面に残っています。').waitFor();
  assert.deepEqual(await accessibility(desk), []);
  await context.setOffline(false);
  await desk.getByText(/^保存しました/).waitFor(NOTICED);
  await desk.reload();
  assert.equal(await desk.locator('#summary_ja').inputValue(), '住民票の写しは、コンビニでもとれます。');
  // The browser complained about the line, as it should.
  faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes('ERR_INTERNET_DISCONNECTED')));
}, { timeout: 60_000 });
