// Every page in every language: read by axe in light and in dark, squeezed, enlarged, and listened to
// for complaints of the browser.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { accessibility, contrast, frame, overflow, rawReadings, smallTargets } from './lib/checks.mjs';
import { citizenPages } from './lib/pages.mjs';
import { logIn } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';
import { languages } from './lib/words.mjs';

const journey = stage();

/** Letters twice as large in a window that stays. */
async function largeText(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), '34px');
  return () => session.send('Page.setFontSizes', { fontSizes: { standard: 16, fixed: 13 } });
}

/** Everything twice as large: of a window of 1280 pixels 640 are left. Cannot be taken back. */
async function zoom(page) {
  const session = await page.context().newCDPSession(page);
  const metrics = { width: 640, height: 450, deviceScaleFactor: 2, mobile: false };
  await session.send('Emulation.setDeviceMetricsOverride', metrics);
  assert.deepEqual(await page.evaluate(() => [innerWidth, devicePixelRatio]), [640, 2]);
}

async function survey(page, lang) {
  const found = [];
  const look = async (where, ...checks) => {
    for (const check of checks) {
      found.push(...(await check(page)).map((fault) => `${where}: ${fault}`));
    }
  };
  await look('wide', (p) => frame(p, lang), rawReadings, smallTargets, overflow);
  await look('light', accessibility);
  await page.emulateMedia({ colorScheme: 'dark' });
  await look('dark', contrast);
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.match(ground, /^rgb\((\d|[1-4]\d), /, 'the ground is dark');
  await page.emulateMedia({ colorScheme: 'light' });
  const usual = await largeText(page);
  await look('large text', overflow);
  await usual();
  await page.setViewportSize({ width: 320, height: 640 });
  await look('narrow', overflow, smallTargets);
  await zoom(page);
  await look('zoom', overflow);
  return found;
}

for (const lang of languages) {
  describe(`pages in ${lang}`, () => {
    for (const [name, reach] of Object.entries(citizenPages)) {
      journey(name, { lang }, async (person, page) => {
        await reach(person);
        assert.deepEqual(await survey(page, lang), []);
      });
    }
  });
}

describe('the operation face', () => {
  journey('its page', {}, async (person, page, house) => {
    await logIn(person, house, 'kanri-1');
    const answer = await page.goto(`${house.staff}/status`);
    assert.equal(answer.status(), 200);
    const figures = await page.locator('.figures').innerText();
    assert.match(figures, /SQLite/);
    assert.match(figures, /FAQ\s+\d{3} 件/);
    assert.deepEqual(await accessibility(page), []);
  });

  journey('health and metrics', {}, async (person, page, house) => {
    const health = await fetch(`${house.staff}/health`);
    assert.deepEqual([health.status, await health.text()], [200, 'ok\n']);
    const metrics = await fetch(`${house.staff}/metrics`);
    assert.equal(metrics.status, 200);
    assert.match(await metrics.text(), /^madoguchi_articles\{city="minamo"\} \d{3}$/m);
  });

  journey('is not on the face for citizens, nor the other way round', {}, async (person, page, house) => {
    for (const address of [`${house.address}/metrics`, `${house.address}/health`, `${house.staff}/ask?q=x`, `${house.staff}/topics/waste`]) {
      const answer = await page.goto(address);
      assert.equal(answer.status(), 404, address);
    }
  });
});
