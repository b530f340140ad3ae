// The pages of the contact centre: axe, narrow windows, the dark, paper, and the keyboard alone.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { accessibility, contrast, frame, overflow, rawReadings, smallTargets } from './lib/checks.mjs';
import { begin, bubble, clerk, deskHolds, named, queued, reply, said, seesNewest, speak, untilBotAnswers, wantPerson } from './lib/contacts.mjs';
import { focus, walk } from './lib/keyboard.mjs';
import { picture } from './lib/pictures.mjs';
import { press } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';
import { languages } from './lib/words.mjs';

const journey = stage((house) => house.workday());

const words = { ja: '住民票を郵送してほしい', easy: 'マイナンバーカードを なくしました', en: 'I lost my My Number Card' };

/** A page of citizens in all the ways in which it is seen. */
async function holds(page, lang, name) {
  assert.deepEqual(await accessibility(page), [], name);
  assert.deepEqual(await frame(page, lang), [], name);
  assert.deepEqual(await rawReadings(page), [], name);
  const before = page.viewportSize();
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 640 });
    assert.deepEqual(await overflow(page), [], name);
    assert.deepEqual(await smallTargets(page), [], name);
  }
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.deepEqual(await contrast(page), [], `${name} in the dark`);
  await page.emulateMedia({ media: 'print', colorScheme: 'light' });
  assert.deepEqual(await contrast(page), [], `${name} on paper`);
  const printed = await page.locator('main button, .composer, .choices').evaluateAll((all) => all.filter((e) => e.checkVisibility()).length);
  assert.equal(printed, 0, `${name}: nothing to press on paper`);
  await page.emulateMedia({ media: null, colorScheme: null });
  await picture(page, `contact-${name}-${lang}`);
}

describe('the citizen’s pages', () => {
  for (const lang of languages) {
    journey(`from beginning to end (${lang})`, { lang }, async (citizen, page, house, join) => {
      await citizen.go('/contacts');
      await holds(page, lang, 'lookup');
      await citizen.go('/contacts/new');
      await holds(page, lang, 'new');
      await untilBotAnswers(citizen, words[lang]);
      await holds(page, lang, 'answered');
      await press(page, named(page, lang, 'choice-call-back'));
      await holds(page, lang, 'call-back');
      await press(page, named(page, lang, 'call-back-back'));
      await named(page, lang, 'chat-person').click();
      await named(page, lang, 'chat-give-up').waitFor();
      await holds(page, lang, 'waiting');
      const { page: desk } = await clerk(join, house, 'operator-1');
      await desk.goto(`${house.staff}/contacts`);
      await press(desk, 'つぎの人を引き受ける');
      await reply(desk, 'Hello. こんにちは。');
      await bubble(page, 'staff', 'Hello. こんにちは。').waitFor();
      await holds(page, lang, 'held');
      await press(page, named(page, lang, 'chat-close'));
      await page.locator('.rate').waitFor();
      await holds(page, lang, 'ended');
    }, { timeout: 150_000 });
  }
});

describe('the desk’s pages', () => {
  journey('of an operator', {}, async (citizen, page, house, join) => {
    const { page: desk } = await clerk(join, house, 'operator-1');
    await begin(citizen, '保育園に入りたい');
    await page.locator('.say.bot').first().waitFor();
    await wantPerson(page);
    await desk.goto(`${house.staff}/contacts`);
    await deskHolds(desk, 'list');
    await press(desk, queued(desk, '保育園に入りたい'));
    await deskHolds(desk, 'waiting');
    await press(desk, '引き受ける');
    await deskHolds(desk, 'held');
    for (const summary of await desk.locator('.acts summary').all()) {
      await summary.click();
    }
    await deskHolds(desk, 'unfolded');
    await desk.goto(`${house.staff}/contacts/new`);
    await deskHolds(desk, 'new');
    await desk.locator('#words').fill('市営住宅の申し込みの電話');
    await press(desk, '受け付ける');
    await deskHolds(desk, 'typed-in');
    await desk.goto(`${house.staff}/macros`);
    await deskHolds(desk, 'macros');
  }, { timeout: 150_000 });

  journey('of a supervisor', {}, async (citizen, page, house, join) => {
    const { page: operator } = await clerk(join, house, 'operator-1');
    await begin(citizen, '早くしろ');
    await page.locator('.say.bot').first().waitFor();
    await wantPerson(page);
    await operator.goto(`${house.staff}/contacts`);
    await press(operator, queued(operator, '早くしろ'));
    await press(operator, '引き受ける');
    await operator.locator('.acts summary', { hasText: 'カスハラを知らせる' }).click();
    await operator.getByLabel('何があったか').selectOption({ index: 1 });
    await press(operator, '監督する人に知らせる');
    await deskHolds(operator, 'flagged');
    const { page: desk } = await clerk(join, house, 'supervisor');
    for (const [name, address] of [['list-of-supervisor', '/contacts'], ['incidents', '/incidents'], ['macros-of-supervisor', '/macros']]) {
      await desk.goto(`${house.staff}${address}`);
      await deskHolds(desk, name);
    }
  }, { timeout: 150_000 });
});

describe('with the keyboard alone', () => {
  /** Goes on with Tab until something has these words or this name. */
  async function tabTo(page, wanted) {
    for (let i = 0; i < 80; i += 1) {
      await page.keyboard.press('Tab');
      const stop = await focus(page);
      if (stop.id === wanted || stop.words === wanted) {
        assert.ok(stop.ringed, `the focus is seen on ${wanted}`);
        assert.ok(stop.inWindow && stop.uncovered, `the focus is in sight on ${wanted}`);
        return;
      }
    }
    assert.fail(`Tab does not reach ${wanted}`);
  }

  journey('a citizen asks, goes on, wants a person; an operator answers', {}, async (citizen, page, house, join) => {
    await citizen.go('/contacts/new');
    await tabTo(page, 'words');
    await page.keyboard.type('子どもの手当について');
    await tabTo(page, 'はじめる');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/contacts\/\d/);
    await page.locator('.say.bot').first().waitFor();
    await page.waitForTimeout(300);
    await walk(page);
    await page.reload();
    await tabTo(page, 'words');
    await page.keyboard.type('いくらですか');
    await page.keyboard.press('Enter');
    await bubble(page, 'me', 'いくらですか').waitFor();
    assert.equal((await focus(page)).id, 'words', 'one can write on at once');
    assert.ok(await seesNewest(page));
    await page.keyboard.press('Shift+Enter');
    assert.equal(await page.locator('#words').inputValue(), '\n');
    await page.locator('#words').fill('');
    await page.reload();
    await tabTo(page, '職員と話す');
    await page.keyboard.press('Enter');
    await page.locator('.chatways').getByRole('button', { name: '待つのをやめる' }).waitFor();

    const { page: desk } = await clerk(join, house, 'operator-1');
    await desk.goto(`${house.staff}/contacts`);
    // j goes through those who wait, Enter opens.
    const isHere = ({ tag, words: read }) => tag === 'A' && read.includes('いくらですか');
    for (let i = 0; i < 9 && !isHere(await focus(desk)); i += 1) {
      await desk.keyboard.press('j');
    }
    await desk.keyboard.press('Enter');
    await desk.waitForURL(/\/contacts\/\d/);
    await tabTo(desk, '引き受ける');
    await desk.keyboard.press('Enter');
    await desk.locator('#reply').waitFor();
    await tabTo(desk, 'reply-words');
    await desk.keyboard.press('Alt+1');
    assert.notEqual(await desk.locator('#reply-words').inputValue(), '');
    await desk.keyboard.press('Control+Enter');
    await page.locator('.say.staff').waitFor();
    await desk.keyboard.type('ほかにありますか。');
    await desk.keyboard.press('Control+Enter');
    await bubble(page, 'staff', 'ほかにありますか。').waitFor();
    assert.equal((await said(page, '.staff')).length, 2);
    assert.ok(await seesNewest(page));
    await speak(page, 'ありません');
    await desk.locator('#talk .msg.citizen', { hasText: 'ありません' }).waitFor();
  }, { timeout: 90_000 });
});
