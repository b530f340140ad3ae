// What every test file stands on: one house, one browser, and journeys through them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, visitor } from './browser.mjs';
import { openHouse } from './house.mjs';
import { colleague } from './staff.mjs';

/**
 * Opens house and browser for the tests of a file, closes them after these, and gives their `journey`. `prepare` makes
 * the house ready, such as by another day; `settings` are those of the house, such as how much is logged.
 */
export function stage(prepare = async () => {}, settings = {}) {
  let house;
  let browser;
  before(async () => {
    house = await openHouse(settings);
    await prepare(house);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  /**
   * A test of one visitor; whatever the browser complains about on the way fails it. Others come in by
   * `join(login)`, which logs a member of the staff in, and `join()`, a citizen, each in a window of their own.
   */
  function journey(name, settings, walk, options = {}) {
    test(name, { timeout: 30_000, ...options }, async () => {
      const company = [await visitor(browser, house, settings)];
      const join = async (login, others = {}) => {
        const comes = login ? colleague(browser, house, login, others) : visitor(browser, house, others);
        company.push(await comes);
        return company.at(-1);
      };
      try {
        const [person] = company;
        await walk(person, person.page, house, join);
        assert.deepEqual(company.flatMap(({ faults }) => faults), []);
      } finally {
        for (const person of company) {
          await person.leave();
        }
      }
    });
  }
  return journey;
}
