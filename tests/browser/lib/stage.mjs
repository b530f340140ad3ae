// What every test file stands on: one house, one browser, and journeys through them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, visitor } from './browser.mjs';
import { openHouse } from './house.mjs';

/** Opens house and browser for the tests of a file, closes them after these, and gives their `journey`. */
export function stage() {
  let house;
  let browser;
  before(async () => {
    house = await openHouse();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  /** A test of one visitor; whatever the browser complains about on the way fails it. */
  function journey(name, settings, walk, options = {}) {
    test(name, { timeout: 30_000, ...options }, async () => {
      const person = await visitor(browser, house, settings);
      try {
        await walk(person, person.page, house);
        assert.deepEqual(person.faults, []);
      } finally {
        await person.leave();
      }
    });
  }
  return journey;
}
