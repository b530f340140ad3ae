// Pictures and files in a conversation, from both ends, with scripts and without.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { accessibility } from './lib/checks.mjs';
import { begin, bubble, clerk, forgive, pickUp, queued, speak, wantPerson } from './lib/contacts.mjs';
import { picture } from './lib/pictures.mjs';
import { press } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage((house) => house.workday());

/** A picture of stripes, with a note of where it was made. */
function photograph(width = 320, height = 240) {
  const chunk = (name, body) => {
    const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
    const whole = Buffer.alloc(named.length + 8);
    whole.writeUInt32BE(body.length, 0);
    named.copy(whole, 4);
    whole.writeUInt32BE(crc(named), named.length + 4);
    return whole;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.from([0, ...Array.from({ length: width }, (__, x) => [x % 256, y % 256, (x + y) % 256]).flat()]));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('tEXt', Buffer.from('Location\0GPS 34.58 135.62', 'latin1')),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

const PHOTO = { name: 'ごみ置き場.png', mimeType: 'image/png', buffer: photograph() };
const FORM = { name: '申請書.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF\n') };
const PAGE = { name: '写真.png', mimeType: 'image/png', buffer: Buffer.from('<!doctype html><script>alert(1)</script>') };

/** The picture with a name, when the browser has drawn it. */
async function drawn(page, name) {
  const image = page.locator(`img[alt="写真 ${name}"]`);
  await image.waitFor();
  await image.scrollIntoViewIfNeeded();
  await page.waitForFunction((alt) => document.querySelector(`img[alt="${alt}"]`)?.naturalWidth === 320, `写真 ${name}`);
  return image;
}

/** What a link gives to a person who takes it. */
async function downloaded(page, link) {
  const coming = page.waitForEvent('download');
  await link.click();
  const download = await coming;
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** A conversation that a person of the desk has. */
async function held(citizen, page, house, join, words) {
  await begin(citizen, words);
  await page.locator('.say.bot').first().waitFor();
  await wantPerson(page);
  const operator = await clerk(join, house, 'operator-1');
  await operator.page.goto(`${house.staff}/contacts`);
  await pickUp(operator.page, words);
  await page.locator('#status').getByText('広聴相談課の職員がお返事します。').waitFor();
  return operator;
}

journey('a picture goes to the desk, and a form comes back', {}, async (citizen, page, house, join) => {
  const { page: desk } = await held(citizen, page, house, join, 'ごみ置き場の網がやぶれています');
  await page.getByLabel('写真・ファイルを付ける').setInputFiles(PHOTO);
  await page.locator('#chosen').getByText('ごみ置き場.png').waitFor();
  assert.deepEqual(await accessibility(page), []);
  await picture(page, 'contact-file-chosen');
  // Taken away and chosen again.
  await page.getByRole('button', { name: 'やめる ごみ置き場.png' }).click();
  assert.ok(await page.locator('#chosen').isHidden());
  await page.getByLabel('写真・ファイルを付ける').setInputFiles(PHOTO);
  await page.getByRole('button', { name: '送る', exact: true }).click();
  await drawn(page, 'ごみ置き場.png');
  assert.equal(await page.locator('.pending').count(), 0);
  assert.equal(await bubble(page, 'me', '').count(), 2, 'sent once');
  const shown = await drawn(desk, 'ごみ置き場.png');
  const bytes = await shown.evaluate(async (image) => [...new Uint8Array(await (await fetch(image.src)).arrayBuffer())]);
  assert.ok(!Buffer.from(bytes).includes('GPS') && bytes.length > 1000, 'where it was made did not come along');
  assert.deepEqual(await accessibility(page), []);
  await picture(page, 'contact-file-sent');
  await picture(desk, 'contact-file-desk');

  // The picture opens in a window of its own, in which nothing runs.
  const opening = desk.context().waitForEvent('page');
  await shown.click();
  const own = await opening;
  await own.waitForLoadState();
  assert.match(own.url(), /\/attachments\//);
  await own.close();

  await desk.locator('#reply-words').fill('こちらに書いて送ってください。');
  await desk.locator('#reply-files').setInputFiles(FORM);
  await desk.locator('#reply-words').press('Control+Enter');
  await bubble(page, 'staff', 'こちらに書いて送ってください。').waitFor();
  assert.equal(await desk.locator('#reply-files').evaluate((field) => field.files.length), 0);
  const got = await downloaded(page, page.getByRole('link', { name: '申請書.pdf' }));
  assert.deepEqual([got.name, got.bytes.equals(FORM.buffer)], ['申請書.pdf', true]);
  await desk.locator('#talk').getByRole('link', { name: '申請書.pdf' }).waitFor();
  assert.deepEqual(await accessibility(desk), []);
  await picture(page, 'contact-file-answered');
  await picture(desk, 'contact-file-desk-answered');
}, { timeout: 150_000 });

journey('what is no picture comes back with a sentence; a cut line loses nothing, a reload says what it lost', {}, async (citizen, page, house, join) => {
  const { page: desk } = await held(citizen, page, house, join, '街灯が消えています');
  await page.locator('#words').fill('見てください');
  await page.getByLabel('写真・ファイルを付ける').setInputFiles(PAGE);
  await page.getByRole('button', { name: '送る', exact: true }).click();
  await page.locator('#files-error', { hasText: '「写真.png」は受け取れない種類です' }).waitFor();
  assert.equal(await page.locator('#words').inputValue(), '見てください');
  await page.locator('#chosen').getByText('写真.png').waitFor();
  assert.deepEqual(await accessibility(page), []);
  await picture(page, 'contact-file-refused');
  await page.getByRole('button', { name: 'やめる 写真.png' }).click();
  assert.ok(await page.locator('#files-error').isHidden());
  // What is too large or too many is told before anything is sent.
  await page.getByLabel('写真・ファイルを付ける').setInputFiles(Array.from({ length: 6 }, (_, n) => ({ ...PHOTO, name: `${n}.png` })));
  await page.locator('#files-error', { hasText: '5つまで' }).waitFor();
  assert.equal(await page.locator('#chosen li').count(), 5);
  for (let n = 0; n < 5; n += 1) await page.locator('#chosen button').first().click();

  // The line is cut: the file waits, and goes when it is back.
  await citizen.context.setOffline(true);
  await page.getByLabel('写真・ファイルを付ける').setInputFiles(PHOTO);
  await page.getByRole('button', { name: '送る', exact: true }).click();
  await page.locator('.pending').getByText('まだ送れていません').waitFor();
  await page.locator('.pending .files').getByText('ごみ置き場.png').waitFor();
  await citizen.context.setOffline(false);
  await drawn(desk, 'ごみ置き場.png');
  await page.locator('.pending').waitFor({ state: 'detached' });

  // A page that is opened anew has the words and not the file, and says so.
  const cut = '**/messages';
  await page.route(cut, (route) => route.abort('internetdisconnected'));
  await page.getByLabel('写真・ファイルを付ける').setInputFiles({ ...PHOTO, name: '二枚め.png' });
  await speak(page, 'もう一枚あります');
  await page.locator('.pending').getByText('まだ送れていません').waitFor();
  await page.reload();
  await page.locator('#files-error', { hasText: 'もう一度選んで送ってください' }).waitFor();
  assert.equal(await page.locator('#words').inputValue(), 'もう一枚あります');
  assert.equal(await page.locator('.pending').count(), 0);
  await picture(page, 'contact-file-lost');
  await page.unroute(cut);
  forgive(citizen);
  // The sentence came as a refusal that a script asked for.
  citizen.faults.splice(0, citizen.faults.length, ...citizen.faults.filter((fault) => !fault.includes('422')));
}, { timeout: 150_000 });

journey('without scripts: a form with a field for files at both ends', { javaScriptEnabled: false }, async (citizen, page, house, join) => {
  await begin(citizen, '');
  await page.getByLabel('写真・ファイルを付ける').setInputFiles(PHOTO);
  await press(page, '送る');
  await bubble(page, 'bot', '自動応答は写真・ファイルを見られません').waitFor();
  await page.getByAltText('写真 ごみ置き場.png').waitFor();
  for (const name of ['職員と話す', '電話をもらう', '質問を残す']) {
    await page.locator('.choices').getByText(name).waitFor();
  }
  await picture(page, 'contact-file-plain');
  await page.locator('#words').fill('これです');
  await page.getByLabel('写真・ファイルを付ける').setInputFiles(PAGE);
  await press(page, '送る');
  assert.match(await page.title(), /^エラー/);
  await page.locator('#files-error', { hasText: '「写真.png」は受け取れない種類です' }).waitFor();
  assert.equal(await page.locator('#words').inputValue(), 'これです');
  await picture(page, 'contact-file-plain-refused');
  await page.locator('#words').fill('');
  await press(page, page.locator('.chatways').getByRole('button', { name: '職員と話す' }));

  const { page: desk } = await clerk(join, house, 'operator-2', { javaScriptEnabled: false });
  await desk.goto(`${house.staff}/contacts`);
  await press(desk, queued(desk, '（写真・ファイル）').first());
  await press(desk, '引き受ける');
  await desk.getByAltText('写真 ごみ置き場.png').waitFor();
  await desk.locator('#reply-files').setInputFiles(FORM);
  await press(desk, desk.locator('#reply button'));
  await press(page, page.getByRole('link', { name: '新しい返事を見る' }));
  const got = await downloaded(page, page.getByRole('link', { name: '申請書.pdf' }));
  assert.ok(got.bytes.equals(FORM.buffer));
}, { timeout: 120_000 });

journey('on a narrow telephone the field fits and everything can be pressed', { viewport: { width: 320, height: 640 } }, async (citizen, page) => {
  await begin(citizen, '');
  await page.getByLabel('写真・ファイルを付ける').setInputFiles({ ...PHOTO, name: `${'とても長い名前の写真'.repeat(6)}.png` });
  await page.locator('#chosen li').waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), 'nothing is wider than the window');
  const label = await page.locator('label[for=files]').boundingBox();
  assert.ok(label.height >= 44, `${label.height}`);
  await page.getByRole('button', { name: '送る', exact: true }).click();
  await page.locator('.files img').waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), 'nor with the picture');
  // By keyboard alone: the field has the focus and shows it.
  await page.locator('#words').focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'files');
  await picture(page, 'contact-file-narrow');
}, { timeout: 60_000 });
