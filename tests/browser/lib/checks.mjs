// What every page is held to. Each check returns what is wrong, in words; an empty list is a pass.

import axe from 'axe-core/axe.min.js';

const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Smallest height of what a finger is to hit, in CSS pixels. */
const TARGET = 44;

/** The rules whose outcome depends on colours. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** Violations of WCAG 2.2 AA and of axe's own advice. */
export const accessibility = (page) => runAxe(page, { type: 'tag', values: STANDARDS });

/** The same for colours alone, for a page that was read in other colours before. */
export const contrast = (page) => runAxe(page, { type: 'rule', values: COLOUR_RULES });

async function runAxe(page, runOnly) {
  if (await page.evaluate(() => !('axe' in window))) {
    await page.evaluate(axe.source);
  }
  return page.evaluate(async (rules) => {
    // Bars that stay in the window lie over what is scrolled under them, and axe would take that for cut off. Whether
    // they hide what has the focus is for the keyboard's tests.
    const bars = [...document.querySelectorAll('body *')].filter((e) => getComputedStyle(e).position === 'sticky');
    bars.forEach((bar) => (bar.style.position = 'static'));
    const { violations, passes } = await window.axe.run(document, { runOnly: rules, resultTypes: ['violations'], preload: false });
    bars.forEach((bar) => bar.style.removeProperty('position'));
    if (passes.length === 0) {
      return ['axe found nothing to read'];
    }
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, any, all, none }) => {
        const reason = [...any, ...all, ...none][0]?.message ?? '';
        return `axe ${id}: ${target.join(' ')} ${reason}`;
      }),
    );
  }, runOnly);
}

/** Whatever makes a page wider than its window, and text that is cut off. */
export function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const faults = [];
    if (document.scrollingElement.scrollWidth > width) {
      faults.push(`scrolls sideways at ${width} px: ${document.scrollingElement.scrollWidth} px wide`);
    }
    for (const element of document.querySelectorAll('body *')) {
      const box = element.getBoundingClientRect();
      const hidden = element.closest('.skip, .sr') || box.width === 0;
      if (!hidden && (box.right > width + 1 || box.left < -1)) {
        faults.push(`sticks out at ${width} px: ${element.tagName} ${element.className} ${element.textContent.trim().slice(0, 30)}`);
      }
    }
    // Words at the very edge of the window are read badly and cut by phone cases.
    for (const element of document.querySelectorAll('main :is(h1, h2, h3, p, li, dt, dd, label, input, button, textarea)')) {
      const box = element.getBoundingClientRect();
      if (box.width > 1 && (box.left < 8 || box.right > width - 8) && !element.closest('.sr')) {
        faults.push(`touches the edge at ${width} px: ${element.tagName} ${element.textContent.trim().slice(0, 30)}`);
      }
    }
    return faults;
  });
}

/** Buttons, tiles and links of menus that are too low for a finger. */
export function smallTargets(page) {
  return page.evaluate((least) => {
    const targets = 'button, .btn, .tile, nav a, .mark, .chip, .foot a, .rows a, .phone, input:not([type=hidden]), textarea';
    return [...document.querySelectorAll(targets)]
      .map((element) => [element, (element.closest('label') ?? element).getBoundingClientRect()])
      .filter(([, box]) => box.height > 0 && box.height < least)
      .map(([element, box]) => `${Math.round(box.height)} px high: ${element.tagName} ${element.textContent.trim().slice(0, 30)}`);
  }, TARGET);
}

/** Readings left standing in brackets where ruby was meant. */
export function rawReadings(page) {
  return page.evaluate(() => {
    const text = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    const faults = [];
    while (text.nextNode()) {
      const { data, parentElement } = text.currentNode;
      const raw = data.match(/\p{sc=Han}\([\p{sc=Hira}ー]+\)/u);
      if (raw && !parentElement.closest('textarea, .quote')) {
        faults.push(`a reading in brackets: ${raw[0]} in ${data.trim().slice(0, 40)}`);
      }
    }
    return faults;
  });
}

/** The order of headings, the language, the title: what the page says about itself. */
export async function frame(page, lang) {
  const faults = [];
  if ((await page.locator('html').getAttribute('lang')) !== (lang === 'en' ? 'en' : 'ja')) {
    faults.push('the wrong language is declared');
  }
  if ((await page.locator('h1').count()) !== 1) {
    faults.push('not exactly one h1');
  }
  const title = await page.title();
  if (!title.trim() || /\p{sc=Han}\(/u.test(title)) {
    faults.push(`the title is ${JSON.stringify(title)}`);
  }
  return faults;
}
