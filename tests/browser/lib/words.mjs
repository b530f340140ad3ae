// The words of the pages, from the same files that the program is made of.

import { readFileSync } from 'node:fs';

export const languages = ['ja', 'easy', 'en'];

/** The beginning of a language's addresses. */
export const prefix = { ja: '', easy: '/easy', en: '/en' };

const messages = Object.fromEntries(languages.map((lang) => [lang, read(lang)]));

function read(lang) {
  const source = readFileSync(new URL(`../../../crates/foundation/words/messages/${lang}.ftl`, import.meta.url), 'utf8');
  const lines = source.split('\n').filter((line) => /^[a-z0-9-]+ = /.test(line));
  return new Map(lines.map((line) => line.split(/ = (.*)/s, 2)));
}

/** A message as a page's text holds it; readings stand in brackets, as the `rp` elements have them. */
export function say(lang, key, values = {}) {
  const message = messages[lang].get(key);
  if (message === undefined) {
    throw new Error(`no message ${key} in ${lang}.ftl`);
  }
  return message.replace(/\{ \$(\w+) \}/g, (_, name) => values[name]);
}

/** A message without readings, as titles and attributes have it. */
export function plain(lang, key, values) {
  const message = say(lang, key, values);
  return lang === 'easy' ? message.replace(/(\p{sc=Han}+)\([^)]+\)/gu, '$1') : message;
}

/** What people type, by what comes of it. */
export const typed = {
  sure: { ja: '住民票を郵送してほしい', easy: 'マイナンバーカードを なくしました', en: 'I lost my My Number Card' },
  unsure: { ja: '飛行機の免許', easy: '病気に なりました', en: 'plane license' },
  nothing: { ja: 'ゆうれいが出る', easy: 'おばけが でます', en: 'spaceship' },
};
