// The desk of sealed cases with keys alone: opened, a case found and answered, the list again, locked.

import assert from 'node:assert/strict';
import { clerk } from './lib/contacts.mjs';
import { focus, walk } from './lib/keyboard.mjs';
import { follow, notice, press } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const PASSPHRASE = 'みなも まどべ かぜ ひかり';
/** More stops than any page of the desk has. */
const MOST = 150;

const journey = stage();
const main = (page) => page.locator('main').innerText();

/** Somebody who is logged in. */
const at = async (join, house) => (await clerk(join, house, 'ijime-1')).page;

/** Goes on with Tab until something has the focus; at every stop one sees where one is. */
async function reach(page, what, is) {
  for (let i = 0; i < MOST; i += 1) {
    await page.keyboard.press('Tab');
    const stop = await focus(page);
    if (stop.tag === 'BODY') {
      // Past the end of the page one is in the browser, and comes in again at its beginning.
      continue;
    }
    assert.ok(stop.ringed, `the focus is seen on ${stop.tag} ${stop.id} ${stop.words}`);
    assert.ok(stop.inWindow && stop.uncovered, `the focus is in sight on ${stop.tag} ${stop.id} ${stop.words}`);
    if (is(stop)) {
      return stop;
    }
  }
  return assert.fail(`Tab never reaches ${what}`);
}

/** Presses a key that leads to the next page. */
async function key(page, name) {
  const next = page.waitForEvent('load');
  await page.keyboard.press(name);
  await next;
}

journey('a case is found, answered and left, and the desk locked, with keys alone', {}, async (_, __, house, join) => {
  const page = await at(join, house);
  await page.goto(`${house.staff}/sealed/unlock`);
  assert.equal((await focus(page)).id, 'passphrase', 'one can type at once');
  await page.keyboard.type(PASSPHRASE);
  await key(page, 'Enter');

  // A call is written down: this page has fields of every kind.
  await reach(page, 'a new case', (stop) => stop.words === '電話・手紙・来庁を入力する');
  await key(page, 'Enter');
  await reach(page, 'how it came', (stop) => stop.tag === 'SELECT');
  await page.keyboard.press('ArrowDown');
  await reach(page, 'who speaks', (stop) => stop.tag === 'SELECT');
  await page.keyboard.press('ArrowDown');
  await reach(page, 'the words', (stop) => stop.tag === 'TEXTAREA');
  await page.keyboard.type('くつをかくされました。');
  await reach(page, 'the button', (stop) => stop.words === '受け付けて、受付番号を作る');
  await key(page, 'Enter');
  assert.match(await main(page), /受付番号/);

  await reach(page, 'the list', (stop) => stop.tag === 'A' && stop.words === '事案');
  await key(page, 'Enter');
  await reach(page, 'the case', (stop) => stop.tag === 'A' && /^いじめ-/.test(stop.words));
  await key(page, 'Enter');
  assert.match(await main(page), /くつをかくされました。/);

  await reach(page, 'the answer', (stop) => stop.id === 'reply-words');
  await page.keyboard.type('話してくれて、ありがとう。');
  await reach(page, 'its button', (stop) => stop.words === '返事を送る');
  await key(page, 'Enter');
  assert.match(await notice(page), /受付番号で読めます/);
  // A note lies folded: opened, written, sent.
  await reach(page, 'the note', (stop) => stop.tag === 'SUMMARY' && stop.words.startsWith('メモを書く'));
  await page.keyboard.press('Enter');
  await reach(page, 'its field', (stop) => stop.id === 'note-words');
  await page.keyboard.type('あす、また電話する。');
  await reach(page, 'its button', (stop) => stop.words === 'メモを残す');
  await key(page, 'Enter');
  assert.match(await main(page), /あす、また電話する。/);

  await reach(page, 'the list', (stop) => stop.tag === 'A' && stop.words === '事案');
  await key(page, 'Enter');
  assert.equal(new URL(page.url()).pathname, '/sealed');
  await reach(page, 'the lock', (stop) => stop.words === '窓口を閉じる');
  await key(page, 'Enter');
  assert.equal(new URL(page.url()).pathname, '/sealed/unlock');
  assert.match(await notice(page), /閉じました/);
}, { timeout: 120_000 });

journey('Tab goes through every page of the desk and out again', {}, async (_, __, house, join) => {
  const page = await at(join, house);
  await page.goto(`${house.staff}/sealed/unlock`);
  await page.getByLabel('パスフレーズ').fill(PASSPHRASE);
  await press(page, '窓口を開ける');
  await page.goto(`${house.staff}/sealed/cases/new`);
  await page.getByLabel('受けた方法').selectOption('phone');
  await page.getByLabel('話した人').selectOption('child');
  await page.getByLabel('話したこと').fill('わるくちを言われます。');
  await press(page, '受け付けて、受付番号を作る');
  await follow(page, '事案を開く');
  const one = new URL(page.url()).pathname;
  for (const path of ['/sealed', one, `${one}/notes/new`, `${one}/participants`, `${one}/readers`, '/sealed/agenda', '/sealed/members']) {
    await page.goto(house.staff + path);
    const stops = await walk(page, MOST);
    assert.ok(stops.length > 5, `${path}: ${stops.length} stops`);
    // And back, by the same way.
    await page.keyboard.press('Shift+Tab');
    assert.equal((await focus(page)).words, stops.at(-1).words, path);
  }
}, { timeout: 120_000 });
