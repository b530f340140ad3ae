// Pictures of every page, for people to look at: npm run screenshots [part of a name]

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launch, visitor } from './lib/browser.mjs';
import { openHouse } from './lib/house.mjs';
import { citizenPages } from './lib/pages.mjs';
import { languages } from './lib/words.mjs';

const folder = fileURLToPath(new URL('./screenshots/', import.meta.url));
const wanted = process.argv[2] ?? '';
const narrow = ['home', 'answer', 'question-new'];

mkdirSync(folder, { recursive: true });
const house = await openHouse();
const browser = await launch();

async function take(name, lang, reach, settings, widths) {
  if (!name.includes(wanted)) {
    return;
  }
  const person = await visitor(browser, house, { lang, ...settings });
  await reach(person);
  for (const width of widths) {
    await person.page.setViewportSize({ width, height: 900 });
    await person.page.screenshot({ path: `${folder}${name}-${width}.png`, fullPage: true });
  }
  await person.leave();
}

try {
  for (const lang of languages) {
    for (const [page, reach] of Object.entries(citizenPages)) {
      const widths = narrow.includes(page) ? [1280, 390, 320] : [1280, 390];
      await take(`${page}-${lang}`, lang, reach, {}, widths);
    }
  }
  for (const page of ['home', 'answer', 'question-error', 'receipt']) {
    await take(`${page}-dark`, 'ja', citizenPages[page], { colorScheme: 'dark' }, [1280, 390]);
  }
  await take('staff', 'ja', (person) => person.page.goto(`${house.staff}/login`), {}, [1280, 390]);
  const print = async (person) => {
    await citizenPages.answer(person);
    await person.page.emulateMedia({ media: 'print' });
  };
  await take('print', 'ja', print, {}, [794]);
} finally {
  await browser.close();
  await house.close();
}
