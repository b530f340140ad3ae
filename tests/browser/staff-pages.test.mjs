// Every page of the staff: in the dark, on a narrow window, on paper, and with the keyboard alone. And the list of
// articles, as one works with it.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { accessibility, contrast, frame, overflow } from './lib/checks.mjs';
import { focus } from './lib/keyboard.mjs';
import { follow, logIn, notice, press, pressAndAgree, staffPages } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

/** Longest time for all pages of a role, and for a code that was used already. */
const LONG = { timeout: 120_000 };

/** Pages that are not in the table because they belong to a record that has to be made. */
async function draftOf(page, house, article) {
  await page.goto(`${house.staff}/articles/${article}`);
  const there = page.getByRole('link', { name: '原稿を開く' });
  await ((await there.count()) ? press(page, there) : press(page, '直す'));
  return new URL(page.url()).pathname;
}

async function addresses(login, page, house) {
  return login === 'shimin-sakusei' ? [...staffPages[login], await draftOf(page, house, 'tennyu')] : staffPages[login];
}

describe('in the dark', () => {
  for (const login of Object.keys(staffPages)) {
    journey(`the pages of ${login}`, { colorScheme: 'dark' }, async (person, page, house) => {
      await logIn(person, house, login);
      for (const address of await addresses(login, page, house)) {
        await page.goto(`${house.staff}${address}`);
        assert.deepEqual(await accessibility(page), [], address);
        assert.deepEqual(await frame(page, 'ja'), [], address);
      }
    }, LONG);
  }
});

describe('in a window of 320 px', () => {
  for (const login of Object.keys(staffPages)) {
    journey(`the pages of ${login}`, { viewport: { width: 320, height: 640 } }, async (person, page, house) => {
      await logIn(person, house, login);
      const wrong = [];
      for (const address of await addresses(login, page, house)) {
        await page.goto(`${house.staff}${address}`);
        const sideways = (await overflow(page)).filter((fault) => fault.startsWith('scrolls'));
        wrong.push(...sideways.map((fault) => `${address} ${fault}`));
      }
      assert.deepEqual(wrong, []);
    }, LONG);
  }
});

/** What is left on paper that is of no use there, and what is missing. */
function onPaper(page) {
  return page.evaluate(() => {
    const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().height > 0;
    const faults = [];
    for (const useless of document.querySelectorAll('header nav, .who, .simulated, .filters, .tabs, .savebar, .bulk, .pager, main button, .skip:focus')) {
      if (shown(useless)) {
        faults.push(`printed: ${useless.tagName} ${useless.className} ${useless.textContent.trim().slice(0, 30)}`);
      }
    }
    if (![...document.querySelectorAll('h1')].some(shown)) {
      faults.push('the heading is not printed');
    }
    const text = document.querySelector('main').innerText.replace(/\s/g, '');
    if (text.length < 10) {
      faults.push(`hardly anything is printed: ${text}`);
    }
    for (const element of document.querySelectorAll('main :is(p, td, th, dd, dt, li, h2, h3, legend)')) {
      const style = getComputedStyle(element);
      if (shown(element) && (style.position === 'sticky' || style.position === 'fixed')) {
        faults.push(`stays over the text: ${element.tagName} ${element.textContent.trim().slice(0, 30)}`);
      }
    }
    return faults;
  });
}

describe('on paper', () => {
  // The width of A4 between its margins.
  const paper = { viewport: { width: 718, height: 1000 } };
  for (const [login, colorScheme] of Object.keys(staffPages).flatMap((login) => [[login, 'light'], [login, 'dark']])) {
    journey(`the pages of ${login} (${colorScheme})`, { ...paper, colorScheme }, async (person, page, house) => {
      await logIn(person, house, login);
      const wrong = [];
      for (const address of await addresses(login, page, house)) {
        await page.emulateMedia({ media: 'screen' });
        await page.goto(`${house.staff}${address}`);
        await page.emulateMedia({ media: 'print' });
        const faults = [...(await onPaper(page)), ...(await overflow(page)).filter((fault) => fault.startsWith('scrolls')), ...(await contrast(page)).slice(0, 3)];
        wrong.push(...faults.map((fault) => `${address} ${fault}`));
      }
      assert.deepEqual([...new Set(wrong)], []);
    }, LONG);
  }
});

/** Everything that can be used without a mouse, as it is found and in the order of the page. */
const usable = (page) =>
  page.evaluate(() => {
    const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')];
    const isStop = (element) => {
      if (element.disabled || !element.checkVisibility({ visibilityProperty: true })) return false;
      if (element.type !== 'radio') return true;
      // Of radio buttons of one name only the marked one, or the first, is a stop.
      const group = all.filter((other) => other.type === 'radio' && other.name === element.name && other.form === element.form);
      return element === (group.find((other) => other.checked) ?? group[0]);
    };
    const stops = all.filter(isStop);
    stops.forEach((element, i) => (element.dataset.stop = i));
    return stops.length;
  });

/** Walks once around with Tab; gives what is wrong on the way. A field for a day is several stops of one element. */
async function walkThrough(page) {
  const total = await usable(page);
  const reached = [];
  const wrong = new Set();
  const ringed = new Map();
  for (let i = 0; i < total * 5 + 20; i += 1) {
    await page.keyboard.press('Tab');
    const stop = await focus(page);
    if (stop.tag === 'BODY') break;
    const number = Number((await page.evaluate(() => document.activeElement.dataset.stop)) ?? -1);
    // Past the end Chromium begins again.
    if (number === 0 && reached.length > 1) break;
    if (number >= 0 && reached.at(-1) !== number) reached.push(number);
    const what = `${stop.tag} ${stop.id || stop.words.slice(0, 30) || stop.value}`;
    // Chromium draws the ring of a calendar's button itself, inside of the field.
    ringed.set(what, ringed.get(what) || stop.ringed);
    if (!stop.inWindow) wrong.add(`the focus is outside of the window on ${what}`);
    else if (!stop.uncovered) wrong.add(`something lies over the focus on ${what}`);
  }
  for (const [what, seen] of ringed) {
    if (!seen) wrong.add(`the focus is not seen on ${what}`);
  }
  const missed = [...Array(total).keys()].filter((i) => !reached.includes(i));
  for (const i of missed.slice(0, 5)) {
    wrong.add(`Tab does not reach ${await page.locator(`[data-stop="${i}"]`).evaluate((e) => e.outerHTML.slice(0, 120))}`);
  }
  if (missed.length === 0 && reached.some((number, i) => number !== i)) wrong.add(`the order is not that of the page: ${reached}`);
  return [...wrong];
}

describe('Tab', () => {
  for (const [login, colorScheme] of [['shimin-sakusei', 'light'], ['chosei', 'light'], ['kanri-1', 'light'], ['kansa', 'light'], ['kojin', 'light'], ['shimin-sakusei', 'dark']]) {
    journey(`goes through everything on the pages of ${login} (${colorScheme})`, { colorScheme }, async (person, page, house) => {
      await logIn(person, house, login);
      const wrong = [];
      for (const address of await addresses(login, page, house)) {
        await page.goto(`${house.staff}${address}`);
        wrong.push(...(await walkThrough(page)).map((fault) => `${address} ${fault}`));
      }
      assert.deepEqual(wrong, []);
    }, { timeout: 180_000 });
  }
});

describe('the keyboard', () => {
  /** The row that is walked on, and the link that has the focus. */
  const place = (page) =>
    page.evaluate(() => {
      const rows = [...document.querySelectorAll('[data-rows] tbody tr, [data-rows] > li')];
      return { row: rows.findIndex((row) => row.classList.contains('current')), focused: rows.findIndex((row) => row.contains(document.activeElement)), ring: getComputedStyle(document.activeElement).outlineStyle };
    }, LONG);

  journey('searches, walks, marks and opens in the list of articles', {}, async (person, page, house) => {
    await logIn(person, house, 'shimin-sakusei');
    await page.goto(`${house.staff}/articles`);
    await page.keyboard.press('/');
    assert.equal((await focus(page)).id, 'q');
    await page.keyboard.type('住民票 j/k');
    assert.equal(await page.locator('#q').inputValue(), '住民票 j/k', 'letters are letters in a field');
    await page.locator('#q').fill('住民票');
    const next = page.waitForEvent('load');
    await page.keyboard.press('Enter');
    await next;
    const rows = page.locator('[data-rows] tbody tr');
    assert.ok((await rows.count()) >= 3);
    await page.keyboard.press('j');
    assert.deepEqual(await place(page), { row: 0, focused: 0, ring: 'solid' });
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    assert.deepEqual(await place(page), { row: 1, focused: 1, ring: 'solid' });
    await page.keyboard.press('x');
    assert.ok(await rows.nth(1).getByRole('checkbox').isChecked());
    assert.equal(await page.locator('[data-marked]').innerText(), '1件');
    await page.keyboard.press('x');
    assert.ok(!(await rows.nth(1).getByRole('checkbox').isChecked()));
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'キーボードの操作' }).waitFor();
    assert.deepEqual(await accessibility(page), []);
    await page.keyboard.press('Escape');
    const words = await rows.nth(1).locator('a.title').innerText();
    await page.keyboard.press('k');
    await page.keyboard.press('j');
    const opened = page.waitForEvent('load');
    await page.keyboard.press('Enter');
    await opened;
    assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), words);
  }, LONG);

  for (const [login, address] of [['kanri-1', '/accounts'], ['kanri-1', '/organisation'], ['chosei', '/articles'], ['kansa', '/audit']]) {
    journey(`walks in the list of ${address} (${login})`, {}, async (person, page, house) => {
      await logIn(person, house, login);
      await page.goto(`${house.staff}${address}`);
      for (let i = 0; i < 40; i += 1) {
        await page.keyboard.press('j');
      }
      for (let i = 0; i < 38; i += 1) {
        await page.keyboard.press('k');
      }
      const { row, focused } = await place(page);
      const last = (await page.locator('[data-rows] tbody tr').count()) - 1;
      const expected = Math.max(0, Math.min(40, last + 1) - 1 - 38);
      assert.equal(row, expected);
      if (await page.locator('[data-rows] tbody tr').first().locator('a').count()) {
        assert.equal(focused, expected);
      }
    }, LONG);
  }

  for (const [login, address] of [['kanri-1', '/accounts'], ['kojin', '/people'], ['chosei', '/articles']]) {
    journey(`/ leads to the search of ${address}`, {}, async (person, page, house) => {
      await logIn(person, house, login);
      await page.goto(`${house.staff}${address}`);
      await page.keyboard.press('/');
      assert.equal((await focus(page)).id, 'q');
    }, LONG);
  }

  journey('begins with a way past the menu', {}, async (person, page, house) => {
    await logIn(person, house, 'shimin-sakusei');
    await page.goto(`${house.staff}/articles`);
    await page.keyboard.press('Tab');
    assert.equal((await focus(page)).name, 'skip');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.querySelector('main').contains(document.activeElement)));
  }, LONG);

  journey('logs in without a mouse', {}, async (person, page, house) => {
    await page.goto(`${house.staff}/login`);
    assert.equal((await focus(page)).id, 'login');
    await page.keyboard.type('kansa');
    await page.keyboard.press('Tab');
    await page.keyboard.type('minamo-demo-2026');
    const code = page.waitForEvent('load');
    await page.keyboard.press('Enter');
    await code;
    assert.equal((await focus(page)).id, 'code');
    await page.keyboard.type((await page.locator('code.code').innerText()).trim());
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'きょう' }).waitFor();
  }, LONG);
});

describe('the list of articles', () => {
  const rows = (page) => page.locator('[data-rows] tbody tr');

  journey('is narrowed down, kept under a name, and found again', {}, async (person, page, house) => {
    await logIn(person, house, 'shimin-kanri');
    await page.goto(`${house.staff}/articles`);
    const all = await page.locator('.head .meta').first().innerText();
    await page.locator('#q').fill('マイナンバー');
    await page.locator('#section').selectOption('shimin');
    await page.locator('#missing').selectOption({ index: 1 });
    await press(page, 'しぼり込む');
    const filtered = page.url();
    assert.notEqual(await page.locator('.head .meta').first().innerText(), all);
    assert.equal(await page.locator('#q').inputValue(), 'マイナンバー');
    for (const row of await rows(page).allInnerTexts()) {
      assert.match(row, /市民課/);
    }
    const found = await rows(page).count();
    assert.ok(found > 0);
    assert.deepEqual(await accessibility(page), []);

    // Kept under a name; an empty one is refused where it is typed.
    await page.getByText(/^保存したしぼり込み/).click();
    await press(page, '残す');
    assert.match(await page.title(), /^エラー/);
    await page.locator('#view-error').waitFor();
    assert.deepEqual(await accessibility(page), []);
    await page.locator('#view-name').fill('英語のないマイナンバー');
    await press(page, '残す');
    assert.equal(await notice(page), '保存しました。');
    await page.goto(`${house.staff}/articles`);
    await page.getByText('保存したしぼり込み（1）').click();
    await follow(page, '英語のないマイナンバー');
    const asked = (address) => [...new URL(address).searchParams].filter(([, value]) => value).sort();
    assert.deepEqual(asked(page.url()), asked(filtered));
    assert.equal(await rows(page).count(), found);
    await page.getByText('保存したしぼり込み（1）').click();
    await press(page, page.getByRole('button', { name: '「英語のないマイナンバー」を消す' }));
    assert.equal(await notice(page), '消しました。');

    // What finds nothing says how to go on.
    await page.goto(`${house.staff}/articles?q=zzzzz`);
    await page.getByRole('heading', { name: 'あてはまるFAQがありません' }).waitFor();
    await follow(page, 'しぼり込みを外す');
    assert.equal(await page.locator('.head .meta').first().innerText(), all);
  }, LONG);

  journey('shows only what has to do with the words', {}, async (person, page, house) => {
    await logIn(person, house, 'shimin-shonin');
    for (const words of ['遊漁券', 'ゆうれい']) {
      await page.goto(`${house.staff}/articles?q=${encodeURIComponent(words)}`);
      assert.deepEqual(await page.locator('[data-rows] a.title').allInnerTexts(), [], `${words} stands in no article`);
    }
  }, LONG);

  journey('is worked on many at once', {}, async (person, page, house) => {
    await logIn(person, house, 'shimin-kanri');
    await page.goto(`${house.staff}/articles?q=${encodeURIComponent('印鑑')}`);
    const count = await rows(page).count();
    assert.ok(count >= 3);
    await page.getByLabel('この画面のすべてに印を付ける').check();
    assert.equal(await page.locator('[data-marked]').innerText(), `${count}件`);
    await rows(page).nth(0).getByRole('checkbox').uncheck();
    assert.equal(await page.locator('[data-marked]').innerText(), `${count - 1}件`);
    // Nothing happens without a day.
    await press(page, '見直し期限を決める');
    assert.match(await page.locator('#bulk-error').innerText(), /日付を入れてください/);
    assert.equal(await rows(page).getByRole('checkbox', { checked: true }).count(), count - 1, 'the marks are kept');
    assert.deepEqual(await accessibility(page), []);
    const due = house.day(200);
    const [year, month, day] = due.split('-').map(Number);
    await page.locator('#review_due').fill(due);
    await press(page, '見直し期限を決める');
    assert.equal(await notice(page), '保存しました。');
    const words = String(year) === house.day().slice(0, 4) ? `${month}月${day}日` : `${year}年${month}月${day}日`;
    const texts = await rows(page).allInnerTexts();
    assert.equal(texts.filter((text) => text.includes(words)).length, count - 1, texts.join('\n'));

    // Without a mark nothing is done, and it says so.
    await press(page, '見直し済みにする');
    await page.locator('#bulk-error').waitFor();
    // Two are looked at and found right.
    await rows(page).nth(0).getByRole('checkbox').check();
    await rows(page).nth(1).getByRole('checkbox').check();
    await press(page, '見直し済みにする');
    assert.equal(await notice(page), '見直しを記録しました。');
    // All or nothing: of another section none is changed.
    await page.goto(`${house.staff}/articles?section=all&q=${encodeURIComponent('ごみ')}`);
    await rows(page).nth(0).getByRole('checkbox').check();
    await press(page, '見直し済みにする');
    assert.match(await page.locator('#bulk-error').innerText(), /どれも変えていません/);
    assert.deepEqual(await accessibility(page), []);
  }, LONG);

  journey('asks before many answers are changed for citizens', {}, async (person, page, house) => {
    await logIn(person, house, 'shimin-shonin');
    await page.goto(`${house.staff}/articles?q=${encodeURIComponent('婚姻')}`);
    await rows(page).nth(0).getByRole('checkbox').check();
    await page.locator('#valid_to').fill(house.day(1));
    await pressAndAgree(page, '掲載終了日を決める');
    assert.equal(await notice(page), '保存しました。');
  }, LONG);

  journey('leaves room for the answers beside what is done with many', {}, async (person, page, house) => {
    await logIn(person, house, 'kankyo-shonin');
    await page.goto(`${house.staff}/articles`);
    const wrong = [];
    for (const [width, height] of [[1280, 800], [390, 800], [320, 640]]) {
      await page.setViewportSize({ width, height });
      await rows(page).first().scrollIntoViewIfNeeded();
      const bar = await page.locator('.bulk').boundingBox();
      const visible = Math.min(bar.y + bar.height, height) - Math.max(bar.y, 0);
      if (visible > height / 3) wrong.push(`the bar takes ${Math.round(visible)} of ${height} px at ${width} px`);
    }
    assert.deepEqual(wrong, []);
  }, LONG);
});
