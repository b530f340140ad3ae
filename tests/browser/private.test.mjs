// What a citizen is warned of while typing: the same tables as for the masking, and a page of nothing but a field.
// Runs without a browser.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const read = (path) => readFileSync(new URL(`../../crates/${path}`, import.meta.url), 'utf8');
// Beside the assets lies no package.json that would say that they are modules, and each test wants one of its own.
const folder = mkdtempSync(join(tmpdir(), 'madoguchi-private-'));
after(() => rmSync(folder, { recursive: true }));
function load(name) {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, read('web/assets/private.js'));
  return import(pathToFileURL(file).href);
}
const { privateKinds } = await load('alone');

const KINDS = ['my-number', 'card', 'phone', 'mail', 'address'];
const lines = (table) =>
  read(`engines/text/tests/private/${table}`)
    .split('\n')
    .slice(1)
    .filter((line) => line)
    .map((line) => line.replace(/\\u\{([0-9a-f]+)\}/g, (_, code) => String.fromCodePoint(parseInt(code, 16))).replaceAll('\\n', '\n'));

test('what names a person is told from other words', () => {
  const cases = lines('mask.tsv').map((line) => line.split('\t'));
  const wrong = cases
    .map(([kinds, written, masked]) => {
      const wanted = [...new Set(kinds.split(','))].filter((kind) => KINDS.includes(kind)).sort();
      return { written, masked, wanted, got: privateKinds(written).sort() };
    })
    .filter(({ wanted, got }) => wanted.length > 0 && wanted.join() !== got.join());
  assert.deepEqual(wrong, []);
  assert.ok(cases.length >= 60);
});

test('what is masked already is nothing to warn of', () => {
  const left = lines('mask.tsv').map((line) => line.split('\t'));
  const known = left.filter(([kinds]) => kinds.split(',').every((kind) => KINDS.includes(kind)));
  assert.deepEqual(known.map(([, , masked]) => masked).filter((masked) => privateKinds(masked).length > 0), []);
});

test('ordinary words bring no warning', () => {
  const stay = lines('stay.tsv');
  assert.deepEqual(stay.filter((written) => privateKinds(written).length > 0), []);
  assert.ok(stay.length >= 60);
});

test('what stands behind a long and odd text is found as well', () => {
  // A pattern that tries all ways to part a text would not come back from these.
  for (const part of ['1', '1-', 'a', 'a.', 'a@', 'a@a.', '十', '1 ', '町1', '1番', '○', '@a.', 'a-', '番', '〒1']) {
    assert.ok(privateKinds(`${part.repeat(20_000)}、090-1234-5678`).includes('phone'), part);
  }
});

/** As much of a page as the file needs. */
function page(value) {
  const warning = { hidden: true };
  const listeners = {};
  const field = { value, dataset: { private: 'warning' }, addEventListener: (name, listener) => (listeners[name] = listener) };
  globalThis.document = {
    getElementById: (id) => (id === 'warning' ? warning : null),
    querySelectorAll: (selector) => (selector === 'textarea[data-private], input[data-private]' ? [field] : []),
  };
  return {
    warning,
    types(text, event = {}) {
      field.value = text;
      listeners.input(event);
    },
    converted: () => listeners.compositionend(),
  };
}

test('the warning comes and goes while somebody types', async () => {
  const { warning, types, converted } = page('');
  try {
    await load('page');
    assert.equal(warning.hidden, true);
    types('わたしは090-1234-567');
    assert.equal(warning.hidden, true, 'a digit is missing');
    types('わたしは090-1234-5678');
    assert.equal(warning.hidden, false);
    types('わたしは');
    assert.equal(warning.hidden, true);
    types('南町1-23-4', { isComposing: true });
    assert.equal(warning.hidden, true, 'not while characters are chosen');
    converted();
    assert.equal(warning.hidden, false);
  } finally {
    delete globalThis.document;
  }
});

test('a field that comes back filled is looked at, one without a warning does no harm', async () => {
  const { warning } = page('マイナンバーは123456789018');
  try {
    await load('filled');
    assert.equal(warning.hidden, false);
    globalThis.document.getElementById = () => null;
    await load('without');
  } finally {
    delete globalThis.document;
  }
});
