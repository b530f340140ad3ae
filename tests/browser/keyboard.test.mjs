// With the keyboard alone: everything can be reached, in an order that makes sense, and one always sees where one is.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { focus, walk } from './lib/keyboard.mjs';
import { citizenPages } from './lib/pages.mjs';
import { stage } from './lib/stage.mjs';
import { prefix, say, typed } from './lib/words.mjs';

const journey = stage();

/** Everything that can be used, in the order of the page. */
const usable = (page) =>
  page.locator('a[href], button, input:not([type=hidden]), textarea').evaluateAll((all) => all.map((e) => e.id || e.textContent.trim()));

describe('Tab', () => {
  const pages = { light: ['home', 'answer', 'question-new', 'questions', 'comment', 'article'], dark: ['answer', 'questions'] };
  for (const [colorScheme, names] of Object.entries(pages)) {
    for (const name of names) {
      journey(`goes through everything on ${name} in its order (${colorScheme})`, { colorScheme }, async (person, page) => {
        await citizenPages[name](person);
        const stops = await walk(page);
        assert.equal(stops[0].words, say('ja', 'skip'));
        assert.deepEqual(stops.map((stop) => stop.id || stop.words), await usable(page));
      });
    }
  }
});

describe('the focus', () => {
  journey('looks different on the field and on the button of the question box', {}, async (person, page) => {
    await person.go('/');
    const box = page.locator('.askbox');
    const pictures = [await box.screenshot()];
    for (const part of ['#q', '.askbox button']) {
      // Reached by keyboard, as a mouse draws no ring.
      await page.locator(part).focus();
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Tab');
      await page.mouse.move(0, 0);
      pictures.push(await page.screenshot({ clip: await around(box), caret: 'hide' }));
    }
    assert.notDeepEqual(pictures[1], pictures[2]);
  });
});

async function around(locator) {
  const { x, y, width, height } = await locator.boundingBox();
  return { x: x - 10, y: y - 10, width: width + 20, height: height + 20 };
}

describe('without a mouse', () => {
  for (const lang of ['ja', 'easy', 'en']) {
    journey(`skip to the question, ask, and say that the answer helped (${lang})`, { lang }, async (person, page) => {
      await person.go('/');
      await page.keyboard.press('Tab');
      assert.equal((await focus(page)).name, 'skip');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      assert.equal((await focus(page)).id, 'q', 'the skip link leads past the menu');
      await page.keyboard.type(typed.sure[lang]);
      await page.keyboard.press('Tab');
      assert.equal((await focus(page)).words, say(lang, 'ask-button'));
      await page.keyboard.press('Enter');
      await page.waitForURL((url) => url.pathname === `${prefix[lang]}/ask`);
      let stop;
      for (let i = 0; i < 40 && stop?.value !== 'yes'; i += 1) {
        await page.keyboard.press('Tab');
        stop = await focus(page);
      }
      assert.equal(stop.words, say(lang, 'helped-yes'));
      await page.keyboard.press('Space');
      await page.getByText(say(lang, 'thanks-lead')).waitFor();
    });
  }
});
