// Rich menus on the staff's face: drawn in the browser, planned, switched in an emergency and back.

import assert from 'node:assert/strict';
import { clerk, deskHolds } from './lib/contacts.mjs';
import { follow, notice, press, pressAndAgree, untilShown } from './lib/staff.mjs';
import { stage } from './lib/stage.mjs';

const journey = stage();

const main = (page) => page.locator('main').innerText();

/** The stored picture: its kind, size, bytes, and the colour of the middle of its upper left. */
const stored = (page) =>
  page.evaluate(async () => {
    const blob = await (await fetch(document.querySelector('[data-picture]').dataset.picture)).blob();
    const image = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(image.width, image.height);
    const pen = canvas.getContext('2d');
    pen.drawImage(image, 0, 0);
    const [r, g, b] = pen.getImageData(60, 60, 1, 1).data;
    return { kind: blob.type, width: image.width, height: image.height, bytes: blob.size, colour: [r, g, b] };
  });

journey('a menu is drawn, saved, planned; nobody needs a program for pictures', {}, async (_, __, house, join) => {
  const { page: desk } = await clerk(join, house, 'chosei');
  await desk.goto(`${house.staff}/line/menus`);
  assert.match(await main(desk), /メニューは、まだありません/);
  await deskHolds(desk, 'line-empty');
  await follow(desk, 'はじめてのメニューを作る');
  assert.equal(await desk.locator('[data-tile]:visible').count(), 6);
  await deskHolds(desk, 'line-new');
  await desk.getByLabel('名前').fill('ふだん');
  await desk.getByLabel('メニューバーの文字').fill('とても長いメニューバーの文字です');
  assert.equal(await desk.locator('.count.late').count(), 1, 'the limit is told while it is typed');
  await desk.getByLabel('メニューバーの文字').fill('市役所に聞く');
  assert.equal(await desk.locator('[data-bar]').innerText(), '市役所に聞く');
  await desk.getByLabel('並べ方').selectOption({ label: '4つ（2列×2段）' });
  assert.equal(await desk.locator('[data-tile]:visible').count(), 4);
  await desk.locator('#colour-1').selectOption({ label: '赤' });
  await desk.locator('#label-1').fill('');
  await press(desk, '保存する');
  assert.match(await main(desk), /ボタン1: ラベルを書いてください/);
  assert.equal(await desk.getByLabel('メニューバーの文字').inputValue(), '市役所に聞く');
  await deskHolds(desk, 'line-wrong');
  await desk.locator('#label-1').fill('ごみ');
  assert.match(await desk.locator('canvas').getAttribute('aria-label'), /ごみ、引っ越し、子育て、トピックを選ぶ$/);
  await press(desk, '保存する');
  assert.match(await notice(desk), /保存しました/);
  assert.match(await main(desk), /出せます/);
  const picture = await stored(desk);
  assert.deepEqual([picture.width, picture.height, picture.colour], [2500, 1686, [0xb8, 0, 0]]);
  assert.ok(picture.bytes <= 1_000_000 && picture.bytes > 5_000, `${picture.bytes} bytes`);
  await deskHolds(desk, 'line-menu');
  await follow(desk, '出す時期を決める');
  await press(desk, 'ふだんのメニューにする');
  await desk.getByLabel('終わりの日').fill(house.day(-1));
  await press(desk, '予定に入れる');
  assert.match(await main(desk), /終わりは、始まりと、いまの時刻より後に/);
  await desk.getByLabel('始まりの日').fill(house.day(7));
  await desk.getByLabel('終わりの日').fill(house.day(9));
  await press(desk, '予定に入れる');
  assert.match(await notice(desk), /予定に入れました/);
  await deskHolds(desk, 'line-plans');
  await untilShown(desk, `${house.staff}/line/menus`, (p) => p.getByText('反映済み'));
  // It is below the talks, and a tap says what the tile says.
  const { page: phone } = await join();
  await phone.goto(`${house.address}/simulators/line`);
  await phone.getByRole('button', { name: '友だちに追加' }).click();
  await phone.locator('.simmenu summary', { hasText: '市役所に聞く' }).waitFor();
  await phone.locator('.simareas').getByRole('button', { name: 'ごみ' }).click();
  await phone.locator('.simtalk .mine').first().waitFor();
  await phone.locator('.simmenu input[type=image]').click({ position: { x: 60, y: 60 } });
  await phone.locator('.simtalk .mine').nth(1).waitFor();
  assert.match(await main(desk), /これから出るメニュー/);
  await deskHolds(desk, 'line-menus');
  await follow(desk, 'ふだん');
  await pressAndAgree(desk, '消す');
  assert.match(await main(desk), /予定があるので、消せません|ふだんのメニューなので、消せません/);
}, { timeout: 90_000 });

journey('an emergency: prepared, looked at twice, and back', {}, async (_, __, house, join) => {
  const { page: desk } = await clerk(join, house, 'supervisor');
  await desk.goto(`${house.staff}/line/emergency`);
  await deskHolds(desk, 'line-emergency-empty');
  await follow(desk, '緊急メニューを用意する');
  assert.equal(await desk.locator('#label-1').inputValue(), '避難所');
  await press(desk, '保存する');
  await desk.goto(`${house.staff}/line/emergency`);
  await deskHolds(desk, 'line-emergency');
  await desk.getByLabel('訓練').check();
  await press(desk, '緊急メニューに切り替える');
  assert.match(await main(desk), /理由を書いてください/);
  assert.ok(await desk.getByLabel('訓練').isChecked());
  await desk.getByLabel('理由').fill('総合防災訓練');
  await press(desk, '緊急メニューに切り替える');
  assert.match(await main(desk), /【訓練】災害のとき/);
  await deskHolds(desk, 'line-confirm');
  await press(desk, '切り替える');
  assert.match(await main(desk), /緊急メニューを出しています（訓練）/);
  await deskHolds(desk, 'line-emergency-on');
  await pressAndAgree(desk, '通常に戻す');
  assert.match(await notice(desk), /通常に戻しました/);
  await desk.goto(`${house.staff}/line/menus`);
  assert.match(await main(desk), /総合防災訓練/);
}, { timeout: 90_000 });

journey('without JavaScript a picture of one\'s own is sent', {}, async (_, __, house, join) => {
  const { page: drawn } = await clerk(join, house, 'chosei');
  await drawn.goto(`${house.staff}/line/menus/new`);
  const png = await drawn.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [2500, 843];
    return canvas.toDataURL('image/png').split(',')[1];
  });
  const { page: desk } = await clerk(join, house, 'chosei', { javaScriptEnabled: false });
  await desk.goto(`${house.staff}/line/menus/new`);
  await desk.getByLabel('名前').fill('用意した絵');
  await desk.getByLabel('並べ方').selectOption({ label: '2つ（横ならび）' });
  await desk.getByLabel('大きさ').selectOption({ label: '小さい（2500×843）' });
  await press(desk, 'この並べ方のボタンを出す');
  assert.equal(await desk.locator('[data-tile]:visible').count(), 2);
  await desk.getByLabel('用意した絵を使う').check();
  await desk.locator('#menu-files').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from(png, 'base64') });
  await press(desk, '保存する');
  assert.match(await main(desk), /出せます/);
}, { timeout: 60_000 });
