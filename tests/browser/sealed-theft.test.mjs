// Everything is stolen: after a whole run through room, desk and partner, a thief takes database, files, keys, log and a
// backup. None of what was said is in it, and nothing that tells from where the reporter came.

import assert from 'node:assert/strict';
import { join as path } from 'node:path';
import { test } from 'node:test';
import { clerk } from './lib/contacts.mjs';
import { follow, press } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';
import { backUp, forms, search } from './lib/theft.mjs';

const PASSPHRASE = 'みなも まどべ かぜ ひかり';
const NETWORK = '2001:db8:beef:77::5';

/** What must be found nowhere: words, names, ways of coming. */
const SECRETS = {
  'the words of the child': '体育館のうらで毎日ランドセルをけられています',
  'what must not be done': 'おばあちゃんには絶対に言わないでください',
  'the school': '水面ヶ丘第七小学校',
  'the answer of the desk': '明日の放課後に会いに行きます',
  'a note of the desk': '兄弟も同じ学校に通っている可能性',
  'a name': '佐々倉みのる',
  'words of a picture file': '日記の七ページ目の写し',
  'the agent of the reporter': 'Kodomo-Browser/77.31',
  'the referrer of the reporter': 'himitsu-no-blog.example',
  'the network of the reporter': NETWORK,
  // As a thief would also find it: without zeros, or as bytes.
  'the network of the reporter, long': '2001:0db8:beef:0077',
};

const journey = stage(undefined, { log: 'trace' });

test('a secret is found in whatever way it was written', () => {
  for (const way of ['utf8', 'utf16le', 'base64', 'hex']) {
    const hay = Buffer.concat([Buffer.from('x'), way === 'utf8' || way === 'utf16le' ? Buffer.from('秘密のことば', way) : Buffer.from(Buffer.from('秘密のことば').toString(way))]);
    assert.ok(forms('秘密のことば').some((form) => hay.includes(form)), way);
  }
  assert.ok(!forms('秘密のことば').some((form) => Buffer.from('別のことば').includes(form)));
});

journey('a thief with everything finds nothing', {
  viewport: { width: 390, height: 800 },
  userAgent: `Mozilla/5.0 ${SECRETS['the agent of the reporter']}`,
  extraHTTPHeaders: { 'x-forwarded-for': NETWORK, referer: `https://${SECRETS['the referrer of the reporter']}/` },
}, async (child, page, house, join) => {
  const go = (value) => page.locator(`button[name=go][value=${value}]`).click();
  await child.go('/room');
  await page.locator('button[value=child]').click();
  await page.locator('#words').fill(SECRETS['the words of the child']);
  await page.locator('#school').fill(SECRETS['the school']);
  await go('wishes');
  await page.locator('#unwanted').fill(SECRETS['what must not be done']);
  await go('check');
  await page.locator('.seen').first().waitFor();
  await go('send');
  await page.locator('.groups').waitFor();
  const digits = (await page.locator('.groups li').allInnerTexts()).join('').replace(/\D/g, '');
  await go('open');
  await page.locator('.talk').waitFor();
  await page.locator('#words').fill(SECRETS['the words of the child']);
  await page.locator('#files').setInputFiles({ name: `${SECRETS['a name']}.txt`, mimeType: 'text/plain', buffer: Buffer.from(SECRETS['words of a picture file']) });
  await page.locator('form:has(#files) button:not([name])').click();
  await page.locator('.say', { hasText: '.txt' }).waitFor();

  const { page: desk } = await clerk(join, house, 'ijime-1');
  await desk.goto(`${house.staff}/sealed/unlock`);
  await desk.getByLabel('パスフレーズ').fill(PASSPHRASE);
  await press(desk, '窓口を開ける');
  await press(desk, desk.locator('.caselist a.title').first());
  const address = desk.url();
  await desk.locator('#reply-words').fill(SECRETS['the answer of the desk']);
  await press(desk, '返事を送る');
  await desk.locator('summary', { hasText: 'メモを書く' }).click();
  await desk.locator('#note-words').fill(SECRETS['a note of the desk']);
  await press(desk, 'メモを残す');
  await follow(desk, '当事者を加える', { exact: true });
  await desk.getByLabel('この事案での立場').selectOption('accused');
  await desk.getByLabel('名前', { exact: true }).fill(SECRETS['a name']);
  await press(desk, '当事者を記録する');
  assert.match(await desk.locator('main').innerText(), new RegExp(SECRETS['a name']));

  // What was said is there for whoever may read it: else nothing would be proved.
  await go('talk');
  await page.locator('.say', { hasText: SECRETS['the answer of the desk'] }).waitFor();
  await go('close');

  // An administrator reads nothing.
  const { page: administrator } = await clerk(join, house, 'kanri-1');
  for (const place of [address, `${house.staff}/sealed`, `${address}/print`, `${house.staff}/sealed/overdue`]) {
    assert.equal((await administrator.goto(place)).status(), 404, place);
  }

  const backup = path(house.folder, 'stolen.backup');
  backUp(house.binary, house.config, backup);
  const metrics = await (await fetch(`${house.staff}/metrics`)).text();
  const secrets = { ...SECRETS, 'the receipt': digits.slice(6), 'the receipt in groups': digits.slice(6).match(/.{4}/g).join(' ') };
  const { found, places, bytes } = search(house.folder, [['the log', house.log()], ['metrics', metrics]], secrets);
  assert.deepEqual(found, []);
  // The thief really had it all.
  for (const needed of [/\.db$/, /\.index$/, /stolen\.backup/, /outer-keys\//, /sealed-files\//, /\.key$/, /the log/]) {
    assert.ok(places.some((place) => needed.test(place)), `${needed} in ${places.join('\n')}`);
  }
  assert.ok(bytes > 1_000_000 && house.log().length > 1_000, `${bytes} bytes, log ${house.log().length}`);
  child.faults.splice(0, child.faults.length, ...child.faults.filter((fault) => !/favicon/.test(fault)));
}, { timeout: 240_000 });
