// Every page that people see, and how one gets there.

import assert from 'node:assert/strict';
import { typed } from './words.mjs';

const query = (text) => encodeURIComponent(text);

/** Leaves a question and stays on its page. */
export async function leaveQuestion(person, text) {
  await person.go('/questions/new');
  await person.page.locator('#body').fill(text);
  await person.page.locator('form[action$="/questions"] button').click();
  await person.page.waitForURL(/\/questions\/\d+-\d+\/[0-9A-Z-]{19}\?new=1$/);
  return receipt(person.page);
}

/** Number and key as the page shows them. */
export async function receipt(page) {
  const [number, key] = await page.locator('.receipt dd').allInnerTexts();
  return { number, key };
}

/** Reloads the question's page until its section has it; a background job does that. */
export async function untilAssigned(page) {
  // Fewer times than the limit on looking at questions allows at once.
  for (let i = 0; i < 14; i += 1) {
    if ((await page.locator('.steps li:not(.next)').count()) > 1) {
      return;
    }
    await page.waitForTimeout(700);
    await page.reload();
  }
  assert.fail('the question reached no section within ten seconds');
}

async function giveFeedback(person, helped) {
  await person.go('/articles/tennyu');
  await person.page.locator(`button[name=helped][value=${helped}]`).click();
  await person.page.waitForURL(/\/articles\/tennyu\/feedback\//);
}

/** Name, and the way to the page for a visitor in any language. */
export const citizenPages = {
  home: (person) => person.go('/'),
  'ask-empty': (person) => person.go('/ask'),
  answer: (person) => person.go(`/ask?q=${query(typed.sure[person.lang])}`),
  unsure: (person) => person.go(`/ask?q=${query(typed.unsure[person.lang])}`),
  nothing: (person) => person.go(`/ask?q=${query(typed.nothing[person.lang])}`),
  long: (person) => person.go(`/ask?q=${query('ながいしつもんながいしつもん、'.repeat(40))}`),
  topic: (person) => person.go('/topics/moving'),
  article: (person) => person.go(`/articles/tennyu?q=${query(typed.sure[person.lang])}&rank=2`),
  table: (person) => person.go('/articles/senkyo-hikkoshi'),
  thanks: (person) => giveFeedback(person, 'yes'),
  comment: (person) => giveFeedback(person, 'no'),
  questions: (person) => person.go('/questions'),
  'lookup-wrong': async (person) => {
    await person.go('/questions');
    await person.page.locator('#number').fill('2026-0001');
    await person.page.locator('#key').fill('0000-0000-0000-0000');
    await person.page.locator('form[action$="/questions/lookup"] button').click();
    await person.page.waitForURL(/\/questions\/lookup$/);
  },
  'question-new': (person) => person.go(`/questions/new?q=${query(typed.nothing[person.lang])}`),
  'question-error': async (person) => {
    await person.go('/questions/new');
    await person.page.locator('#body').fill('　');
    await person.page.locator('form[action$="/questions"] button').click();
    await person.page.locator('#body-error').waitFor();
  },
  receipt: (person) => leaveQuestion(person, typed.nothing[person.lang]),
  assigned: async (person) => {
    await leaveQuestion(person, `${typed.sure[person.lang]}\n\n${'https://www.city.minamo.example/'.repeat(6)}`);
    await untilAssigned(person.page);
  },
  withdrawn: async (person) => {
    await leaveQuestion(person, typed.nothing[person.lang]);
    await person.page.locator('details summary').click();
    await person.page.locator('form[action$="/withdrawal"] button').click();
    await person.page.waitForURL(/\/questions\/\d+-\d+\/[0-9A-Z-]{19}$/);
  },
  about: (person) => person.go('/about'),
  'not-found': (person) => person.go('/no/such/page'),
  'too-many': async (person) => {
    const address = person.url('/questions/2026-0001/0000-0000-0000-0000');
    for (let tries = 0; tries < 30; tries += 1) {
      await person.context.request.get(address);
    }
    await person.page.goto(address);
  },
};
