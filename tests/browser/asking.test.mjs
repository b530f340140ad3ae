// Asking, finding, saying whether it helped: as a person does it, in every language.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { stage } from './lib/stage.mjs';
import { languages, plain, prefix, say, typed } from './lib/words.mjs';

const journey = stage();

const path = (page) => new URL(page.url()).pathname;
const asked = (page) => new URL(page.url()).searchParams.get('q');

/** Waits for an element of this role that shows this message. */
async function sees(page, lang, role, key, values) {
  await page.getByRole(role).filter({ hasText: say(lang, key, values) }).first().waitFor();
}

const checkedOn = { ja: /\d{4}年\d{1,2}月\d{1,2}日に確認/, easy: /\d{4}年\(ねん\).*たしかめました/, en: /Checked on \d{1,2} \w+ \d{4}/ };

/** The best answer with everything a person takes along: facts, section, telephone, hours, day of the check. */
async function seesBestAnswer(page, lang) {
  const answer = page.locator('article');
  await answer.getByText(say(lang, 'best-answer')).waitFor();
  assert.ok((await answer.getByRole('heading', { level: 2 }).innerText()).length > 5);
  assert.ok((await answer.locator('.lead').innerText()).length > 5);
  const facts = await answer.locator('.facts dt').allTextContents();
  const order = ['who', 'deadline', 'bring', 'fee', 'place', 'hours', 'online'].map((kind) => say(lang, `fact-${kind}`));
  assert.ok(facts.length >= 3, `facts: ${facts}`);
  assert.deepEqual(facts, order.filter((fact) => facts.includes(fact)), 'facts stand in their order');
  assert.match(await answer.locator('.meta').last().textContent(), checkedOn[lang]);
  const section = page.getByRole('complementary');
  assert.ok((await section.getByRole('heading').innerText()).length > 1);
  const phone = section.getByRole('link', { name: /^[\d-]+$/ });
  assert.equal(await phone.getAttribute('href'), `tel:${await phone.innerText()}`);
  const state = await section.locator('.tag').textContent();
  assert.ok(['open-now', 'closed-now', 'open-all-day'].map((key) => say(lang, key)).includes(state), state);
  const [, today] = (await section.locator('.meta').last().textContent()).split(say(lang, 'hours-today'));
  assert.ok(today.trim().length > 0, 'the hours of today');
}

async function asks(page, lang, question) {
  await page.locator('#q').fill(question);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === `${prefix[lang]}/ask`);
  assert.equal(asked(page), question);
}

for (const lang of languages) {
  describe(`asking in ${lang}`, () => {
    journey('a typed question gets its answer', { lang }, async (person, page) => {
      await person.go('/');
      await sees(page, lang, 'heading', 'home-title');
      await asks(page, lang, typed.sure[lang]);
      assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), typed.sure[lang]);
      assert.ok((await page.title()).startsWith(typed.sure[lang]));
      assert.equal(await page.locator('#q').inputValue(), typed.sure[lang]);
      await seesBestAnswer(page, lang);
      // On a telephone the section comes before the other answers, so that calling is near.
      await page.setViewportSize({ width: 390, height: 800 });
      const top = async (part) => (await page.locator(part).boundingBox()).y;
      assert.ok((await top('article')) < (await top('aside')));
      assert.ok((await top('aside')) < (await top('main section:has(.rows)')));
    });

    journey('every example on the first page has an answer', { lang }, async (person, page) => {
      await person.go('/');
      const examples = await page.locator('.chip').count();
      assert.ok(examples >= 3);
      for (let i = 0; i < examples; i += 1) {
        await page.locator('.chip').nth(i).click();
        await page.waitForURL((url) => url.pathname === `${prefix[lang]}/ask`);
        await seesBestAnswer(page, lang);
        await page.goBack();
      }
    });

    journey('from a topic to an answer and to a related one', { lang }, async (person, page) => {
      await person.go('/');
      const tile = page.locator('a.tile[href$="/topics/moving"]');
      const name = (await tile.locator('b').textContent()).trim();
      await tile.click();
      await page.waitForURL((url) => url.pathname === `${prefix[lang]}/topics/moving`);
      assert.equal(await page.locator('h1').textContent(), name);
      const entry = page.locator('.rows a[href$="/articles/tennyu"]');
      const question = await entry.locator('b').textContent();
      await entry.click();
      assert.equal(await page.locator('h1').textContent(), question);
      const crumbs = page.getByRole('navigation', { name: plain(lang, 'crumbs') });
      assert.ok((await crumbs.textContent()).includes(name));
      const related = page.getByRole('region').or(page.locator('section')).locator('.rows a').first();
      const next = await related.locator('b').textContent();
      await related.click();
      assert.equal(await page.locator('h1').textContent(), next);
    });

    journey('the answer helped', { lang }, async (person, page) => {
      await person.go('/');
      await asks(page, lang, typed.sure[lang]);
      await page.getByRole('button').filter({ hasText: say(lang, 'helped-yes') }).click();
      await page.waitForURL(/\/articles\/[a-z0-9-]+\/feedback\/[0-9a-f-]+$/);
      await sees(page, lang, 'heading', 'thanks-title');
      await page.getByText(say(lang, 'thanks-lead')).waitFor();
      assert.equal(await page.getByRole('textbox').count(), 0);
      await page.getByRole('link').filter({ hasText: say(lang, 'back-to-answer') }).click();
      assert.match(path(page), /\/articles\/[a-z0-9-]+$/);
    });

    journey('the answer was wrong or short of something', { lang }, async (person, page) => {
      await person.go('/articles/tennyu');
      await page.getByRole('button').filter({ hasText: say(lang, 'helped-no') }).click();
      await page.waitForURL(/\/feedback\/[0-9a-f-]+$/);
      await page.getByText(say(lang, 'comment-lead')).waitFor();
      await page.getByRole('textbox').fill('支所でもできるか書いてほしい。');
      await page.getByRole('button').filter({ hasText: say(lang, 'send') }).last().click();
      await page.getByText(say(lang, 'thanks-lead')).waitFor();
      assert.equal(await page.getByRole('textbox').count(), 0, 'a comment is given once');
    });

    journey('an unsure answer offers choices, of which one is opened and left again', { lang }, async (person, page) => {
      await person.go('/');
      await asks(page, lang, typed.unsure[lang]);
      await sees(page, lang, 'heading', 'unsure-title');
      assert.equal(await page.locator('article').count(), 0, 'nothing is called the best answer');
      await page.locator('.rows a').first().click();
      await page.getByRole('link').filter({ hasText: say(lang, 'back-to-answers') }).click();
      assert.equal(asked(page), typed.unsure[lang]);
      await sees(page, lang, 'heading', 'unsure-title');
    });

    journey('an address that is not there', { lang }, async (person, page) => {
      for (const address of ['/no/such/page', '/articles/no-such-article', '/topics/no-such-topic', '/questions/2026-0001/AAAA-BBBB-CCCC-DDDD']) {
        const answer = await person.go(address);
        assert.equal(answer.status(), 404, address);
        await sees(page, lang, 'heading', 'error-404-title');
      }
      await asks(page, lang, typed.sure[lang]);
      await seesBestAnswer(page, lang);
    });

    journey('an answer is printed on its own', { lang }, async (person, page) => {
      await person.go(`/ask?q=${encodeURIComponent(typed.sure[lang])}`);
      await page.emulateMedia({ media: 'print' });
      for (const part of ['.askbox', '.top nav', '.helpful', '.foot', '.rows', '.btn', '.skip', '.open']) {
        for (const each of await page.locator(part).all()) {
          assert.equal(await each.isVisible(), false, `${part} is not printed`);
        }
      }
      for (const part of ['h1', 'article h2', '.lead', '.facts', '.prose', 'article .meta', 'aside .phone']) {
        assert.equal(await page.locator(part).first().isVisible(), true, `${part} is printed`);
      }
      const sheets = (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type\s*\/Page\b/g);
      assert.ok(sheets.length <= 2, `${sheets.length} sheets of paper`);
    });
  });
}

describe('between the languages', () => {
  journey('the question stays when the language is changed', {}, async (person, page) => {
    const question = typed.sure.en;
    await person.go('/');
    await asks(page, 'ja', question);
    for (const lang of ['en', 'easy', 'ja']) {
      await page.getByRole('navigation').getByRole('link', { name: plain(lang, 'language-name'), exact: true }).click();
      await page.waitForURL((url) => url.pathname === `${prefix[lang]}/ask`);
      assert.equal(asked(page), question);
      assert.equal(await page.locator('#q').inputValue(), question);
      await page.getByRole('button').filter({ hasText: say(lang, 'ask-button') }).first().waitFor();
    }
  });

  journey('so does the article, and each page names its other languages', { lang: 'easy' }, async (person, page) => {
    await person.go('/articles/tennyu');
    const others = await page.locator('link[rel=alternate]').evaluateAll((links) => links.map((l) => [l.hreflang, l.getAttribute('href')]));
    assert.deepEqual(others, [['ja', '/articles/tennyu'], ['ja-Hira', '/easy/articles/tennyu'], ['en', '/en/articles/tennyu']]);
    await page.getByRole('link', { name: 'English', exact: true }).click();
    assert.equal(path(page), '/en/articles/tennyu');
  });

  journey('an answer without a translation says so first and is marked as Japanese', { lang: 'en' }, async (person, page) => {
    await person.go('/articles/senkyo-hikkoshi');
    const card = page.locator('article');
    const note = await card.getByText(say('en', 'untranslated')).boundingBox();
    assert.ok(note.y < (await card.locator('.lead').boundingBox()).y);
    for (const part of ['h1', '.lead', '.facts dd >> nth=0', '.prose']) {
      assert.equal(await card.locator(part).getAttribute('lang'), 'ja', part);
    }
    assert.equal(await card.locator('.facts dt').first().getAttribute('lang'), null);
  });
});

describe('with less than everything', () => {
  journey('nothing typed', {}, async (person, page) => {
    await person.go('/');
    await page.getByRole('button', { name: say('ja', 'ask-button') }).click();
    await sees(page, 'ja', 'heading', 'ask-empty-title');
    await page.locator('.chip').first().click();
    await seesBestAnswer(page, 'ja');
  });

  journey('a whole letter instead of a question', {}, async (person, page) => {
    await person.go('/');
    await page.locator('#q').fill(`住民票を郵送してほしいのですが、${'どうすればいいか教えてください。'.repeat(60)}`);
    await page.keyboard.press('Enter');
    await page.getByText(say('ja', 'ask-shortened')).waitFor();
    assert.ok((await page.getByRole('heading', { level: 1 }).innerText()).length <= 121);
  });

  journey('without JavaScript: ask, read, answer, look around', { javaScriptEnabled: false }, async (person, page) => {
    await person.go('/');
    await asks(page, 'ja', typed.sure.ja);
    await seesBestAnswer(page, 'ja');
    await page.getByRole('button', { name: say('ja', 'helped-no') }).click();
    await page.getByRole('textbox').fill('窓口の場所も知りたい');
    await page.getByRole('button', { name: say('ja', 'send'), exact: true }).click();
    await page.getByText(say('ja', 'thanks-lead')).waitFor();
  });

  journey('no page holds a script but the file of the search field, or sets a cookie', {}, async (person, page) => {
    for (const address of ['/', `/ask?q=${encodeURIComponent(typed.sure.ja)}`, '/articles/tennyu', '/questions', '/questions/new']) {
      await person.go(address);
      assert.equal(await page.locator('script:not([src$="/ask.js"]), [onclick], [onload]').count(), 0, address);
    }
    assert.deepEqual(await person.context.cookies(), []);
  });
});
