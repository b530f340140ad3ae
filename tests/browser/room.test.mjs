// The room: a child on a telephone tells something, keeps the number, goes away in a moment, and comes back.

import assert from 'node:assert/strict';
import { accessibility, contrast, overflow, smallTargets } from './lib/checks.mjs';
import { picture } from './lib/pictures.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

const PHONE = { viewport: { width: 390, height: 800 }, hasTouch: true };
const WORDS = '休み時間に、教室でおされます。';

/** Chinese characters without a reading, outside of what people wrote. */
function withoutRuby(page) {
  return page.evaluate(() => {
    const text = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const faults = [];
    while (text.nextNode()) {
      const { data, parentElement } = text.currentNode;
      if (/\p{sc=Han}/u.test(data) && !parentElement.closest('ruby, .quote, textarea, script')) {
        faults.push(`no reading: ${data.trim()}`);
      }
    }
    return faults;
  });
}

/** A page of the room, looked at in every way. */
async function look(page, name) {
  assert.equal(new URL(page.url()).pathname, '/room', name);
  assert.equal(await page.title(), 'みなも市', name);
  const found = [];
  for (const check of [withoutRuby, accessibility, smallTargets, overflow]) {
    found.push(...(await check(page)));
  }
  await picture(page, `room-${name}`);
  await page.emulateMedia({ colorScheme: 'dark' });
  found.push(...(await contrast(page)));
  await picture(page, `room-${name}-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  const own = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  found.push(...(await overflow(page)));
  await page.setViewportSize(own);
  assert.deepEqual(found, [], name);
}

/** Sends what stands in the field of the talk; the button's name has readings in it. */
const send = (page) => page.locator('form:has(#files) .go button').click();

const go = (page, value) => page.locator(`button[name=go][value=${value}]`).click();

/** From the first page to the receipt. Returns its digits. */
async function report(page, each = async () => {}) {
  await page.locator('button[value=child]').waitFor();
  await each('who');
  await page.locator('button[value=child]').click();
  await page.locator('input[value=hit]').waitFor();
  await each('what');
  await page.locator('input[value=hit]').check();
  await page.locator('#words').fill(WORDS);
  await go(page, 'wishes');
  await page.locator('#unwanted').fill('親に言わないで');
  await page.locator('.chip', { hasText: 'いいえ' }).first().click();
  await each('wishes');
  await go(page, 'check');
  await page.locator('.seen').first().waitFor();
  await each('check');
  await go(page, 'send');
  await page.locator('.groups').waitFor();
  await each('sent');
  return (await page.locator('.groups li').allInnerTexts()).join('').replace(/\D/g, '');
}

/** What the window shows, also while it goes from page to page. */
async function content(page, tries = 20) {
  try {
    return await page.content();
  } catch (error) {
    if (tries === 0) {
      throw error;
    }
    await page.waitForTimeout(250);
    return content(page, tries - 1);
  }
}

/** What the window shows after going back, as often as there is something to go back to. */
async function backward(page) {
  const shown = [];
  for (let i = 0; i < 12; i += 1) {
    const gone = await page.goBack({ waitUntil: 'load' }).then((answer) => answer !== null, () => false);
    shown.push(await content(page));
    if (!gone) {
      break;
    }
  }
  return shown.join('\n');
}

journey('a child tells something, goes away at once, comes back, and talks on', PHONE, async (child, page, house) => {
  await child.go('/');
  await page.locator('a[href="/room"]').click();
  const digits = await report(page, (name) => look(page, name));
  assert.match(digits, /^\d{24}$/);
  assert.ok(await page.locator('[data-copy]').isVisible());
  assert.ok(await page.locator('svg.qr').isVisible());

  // Gone at a touch: the harmless page is there, and behind it nothing of the room.
  await page.locator('[data-leave]').click();
  await page.waitForURL(`${house.address}/`);
  const behind = await backward(page);
  assert.ok(!behind.includes(digits.slice(6, 10)) && !behind.includes(WORDS) && !behind.includes('groups'), behind);

  // Nothing stayed in the browser. The city's own style sheet did: so one would see it.
  await child.go('/');
  const css = await page.locator('link[rel=stylesheet]').first().getAttribute('href');
  const room = await (await fetch(`${house.address}/room`)).text();
  const own = [...room.matchAll(/"(\/assets\/[^"]*room\.(?:css|js))"/g)].map((found) => found[1]);
  assert.equal(own.length, 2);
  const cached = (address) => page.evaluate((url) =>
    fetch(url, { cache: 'only-if-cached', mode: 'same-origin' }).then(({ ok }) => ok, () => false), address);
  assert.equal(await cached(css), true);
  for (const address of ['/room', ...own]) {
    assert.equal(await cached(address), false, address);
  }
  // The browser says of each that it has none.
  child.faults.splice(0, child.faults.length, ...child.faults.filter((fault) => !/CACHE_MISS|Failed to load resource|504/.test(fault)));
  assert.deepEqual(await child.context.cookies(), []);
  assert.deepEqual(await page.evaluate(async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length]), [0, 0, 0]);

  // The next day, with one digit mistyped, then right.
  await child.go('/room');
  await go(page, 'return');
  await page.locator('#receipt').waitFor();
  await look(page, 'return');
  const wrong = `${digits.slice(0, 9)}${(Number(digits[9]) + 1) % 10}${digits.slice(10)}`;
  await page.locator('#receipt').fill(wrong);
  await go(page, 'open');
  await page.locator('#receipt-error').waitFor();
  assert.deepEqual(await accessibility(page), []);
  // A page that says what is wrong, fetched by the page's script.
  child.faults.splice(0, child.faults.length, ...child.faults.filter((fault) => !/422/.test(fault)));
  await page.locator('#receipt').fill(digits.replace(/(\d{4})(?=\d)/g, '$1 '));
  // The browser has worked meanwhile.
  await page.waitForFunction(() => document.querySelector('[name=work]')?.value.includes('.'));
  await go(page, 'open');
  await page.locator('.talk').waitFor();
  await look(page, 'talk');
  await page.locator('#words').fill('きょうも、ありました。');
  await page.locator('#files').setInputFiles({ name: 'メモ.txt', mimeType: 'text/plain', buffer: Buffer.from('日記') });
  await send(page);
  await page.locator('.say', { hasText: 'メモ.txt' }).waitFor();
  assert.equal(await page.locator('.say', { hasText: 'きょうも、ありました。' }).count(), 1);
  await go(page, 'my-wishes');
  await page.locator('#unwanted').waitFor();
  assert.equal(await page.locator('#unwanted').inputValue(), '親に言わないで');
  await look(page, 'my-wishes');
  await page.locator('#wanted').fill('席をかえて');
  await go(page, 'wish');
  await page.locator('.talk').waitFor();
  await look(page, 'talk-on');
  // Esc twice, as on a computer.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.waitForURL(`${house.address}/`);
  const behindTalk = await backward(page);
  assert.ok(!behindTalk.includes('きょうも、ありました。'), behindTalk);
}, { timeout: 240_000 });

journey('words of danger put the telephones first', PHONE, async (child, page) => {
  await child.go('/room');
  await page.locator('button[value=child]').click();
  await page.locator('#words').fill('もう死にたいです');
  await go(page, 'wishes');
  await page.locator('.urgent.loud').waitFor();
  assert.ok(await page.locator('.urgent.loud a[href="tel:0120078310"]').isVisible());
  await look(page, 'danger');
}, { timeout: 90_000 });

journey('without a script all of it works, and "back" shows nothing', { ...PHONE, javaScriptEnabled: false }, async (child, page, house) => {
  await child.go('/');
  await page.locator('a[href="/room"]').click();
  const digits = await report(page);
  await go(page, 'open');
  await page.locator('.talk').waitFor();
  await page.locator('#words').fill('つづきです。');
  await send(page);
  await page.locator('.say', { hasText: 'つづきです。' }).waitFor();
  await page.locator('[data-leave]').click();
  await page.waitForURL(`${house.address}/`);
  await page.goBack({ waitUntil: 'load' }).catch(() => null);
  const behind = await content(page);
  assert.ok(!behind.includes('つづきです。') && !behind.includes(digits), behind);
  // The browser says that it has no copy of the posted page.
  child.faults.splice(0, child.faults.length, ...child.faults.filter((fault) => !/CACHE_MISS/.test(fault)));
}, { timeout: 90_000 });

journey('the room in a window that is small, enlarged, or of few colours', PHONE, async (child, page) => {
  for (const path of ['/easy', '/en', '']) {
    await page.goto(child.url('').replace(/\/?$/, `${path}/room`));
    await page.locator('button[value=child]').waitFor();
    const found = [...(await accessibility(page)), ...(await smallTargets(page)), ...(await overflow(page))];
    assert.deepEqual(found, [], path);
    await page.emulateMedia({ forcedColors: 'active' });
    await picture(page, `room-forced${path.replace('/', '-')}`);
    await page.emulateMedia({ forcedColors: 'none' });
  }
}, { timeout: 90_000 });
