// Pictures on the way of a journey, for people to look at: MADOGUCHI_PICTURES=FOLDER npm test.

const folder = process.env.MADOGUCHI_PICTURES;

/** Takes a page as it stands at the width of a desk and of a phone; does nothing where nobody wants pictures. */
export async function picture(page, name) {
  if (!folder) {
    return;
  }
  const before = page.viewportSize();
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `${folder}/${name}-${width}.png`, fullPage: true });
  }
  await page.setViewportSize(before);
}
