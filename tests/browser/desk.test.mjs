// The knowledge desk: log-in, the pages of each role, and an answer on its way from author to citizen.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { accessibility, overflow } from './lib/checks.mjs';
import { logIn, press, staffPages } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

describe('pages of the staff', () => {
  for (const [login, addresses] of Object.entries(staffPages)) {
    journey(`of ${login}`, {}, async (person, page, house) => {
      await logIn(person, house, login);
      for (const address of addresses) {
        const answer = await page.goto(`${house.staff}${address}`);
        assert.equal(answer.status(), 200, address);
        assert.deepEqual(await accessibility(page), [], address);
      }
    }, { timeout: 90_000 });

    journey(`of ${login} on a phone`, { viewport: { width: 390, height: 800 } }, async (person, page, house) => {
      await logIn(person, house, login);
      for (const address of addresses) {
        await page.goto(`${house.staff}${address}`);
        const sideways = (await overflow(page)).filter((fault) => fault.startsWith('scrolls'));
        assert.deepEqual(sideways, [], address);
      }
    }, { timeout: 90_000 });
  }
});

journey('an answer goes from its author through another person to the citizen', {}, async (person, page, house) => {
  await logIn(person, house, 'kankyo-sakusei');
  await page.goto(`${house.staff}/articles/gomi-no-hi`);
  await press(page, '直す');
  const draft = page.url();
  assert.match(draft, /\/drafts\/[0-9a-f-]{36}/);
  await page.locator('#summary_ja').fill('粗大ごみは、申し込みが必要です。申し込みは、環境事業課の3番窓口か電話でできます。');
  // Saved while typing: nobody presses anything.
  await page.getByText(/保存しました/).first().waitFor();
  await press(page, '承認に出す');
  assert.deepEqual(await accessibility(page), []);
  assert.equal(await page.getByRole('button', { name: '承認して公開', exact: true }).count(), 0, 'nobody approves their own');
  await press(page, 'ログアウト');
  await logIn(person, house, 'kankyo-shonin');
  await page.goto(draft);
  await press(page, '承認して公開');
  await page.goto(`${house.address}/articles/gomi-no-hi`);
  for (let tries = 0; tries < 40 && !(await page.getByText('3番窓口').count()); tries += 1) {
    await page.waitForTimeout(100);
    await page.reload();
  }
  await page.getByText('3番窓口').first().waitFor();
  await page.goto(`${house.address}/articles/gomi-no-hi/history`);
  assert.deepEqual(await accessibility(page), []);
}, { timeout: 90_000 });
