// Where the keyboard is on a page, and where it gets.

import assert from 'node:assert/strict';

/** What has the focus: how it is found, what it says, and how its focus is drawn. */
export function focus(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const ring = (node, part) => {
      const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(node, part);
      return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 3 && !/^rgba\(.*, 0\)$/.test(outlineColor);
    };
    const box = element.getBoundingClientRect();
    // A bar that stays in the window must not lie over all of it.
    const parts = [0.02, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.98];
    const points = parts.flatMap((x) => parts.map((y) => [box.left + box.width * x, box.top + box.height * y]));
    const isOnTop = ([x, y]) => {
      const found = document.elementFromPoint(x, y);
      return found && (element.contains(found) || found.contains(element));
    };
    return {
      id: element.id,
      tag: element.tagName,
      name: element.className,
      value: element.getAttribute('value'),
      words: element.textContent.trim(),
      // The question box draws its ring around field and button together.
      // The link of a card draws it around the card.
      ringed: ring(element) || ring(element, '::after') || (element.id === 'q' && element.closest('.askbox') && ring(element.closest('.askbox'))),
      inWindow: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 0,
      uncovered: points.some(isOnTop),
    };
  });
}

/** Walks through a page with Tab and gives every stop. */
export async function walk(page, most = 150) {
  const stops = [];
  for (let i = 0; i < most; i += 1) {
    await page.keyboard.press('Tab');
    const stop = await focus(page);
    if (stop.tag === 'BODY') {
      return stops;
    }
    assert.ok(stop.ringed, `the focus is seen on ${stop.tag} ${stop.name} ${stop.words}`);
    assert.ok(stop.inWindow, `the focus is in the window on ${stop.tag} ${stop.words}`);
    assert.ok(stop.uncovered, `something lies over the focus on ${stop.tag} ${stop.words}`);
    stops.push(stop);
  }
  return assert.fail('Tab never leaves the page');
}
