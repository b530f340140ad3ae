// Calls of our client, calls of LINE's SDK, webhooks and answers of the simulator, compared with LINE's description.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { lines, start } from './simulator.mjs';
import { clients, menu, png, randomUUID, webhookServer } from './session.mjs';
import { description } from './description.mjs';

const folder = process.env.LINE_DESCRIPTION ?? '';
const skip = existsSync(folder) ? false : "LINE's description is not beside this checkout";

test('the comparison finds what is wrong', { skip }, () => {
  const { wrong } = description(folder);
  const push = (request, response = { sentMessages: [{ id: '1', quoteToken: 'q' }] }) =>
    wrong({ method: 'POST', path: '/v2/bot/message/push', query: '', request_type: 'application/json', request, status: 200, response });
  const messages = [{ type: 'text', text: 'a' }];
  assert.deepEqual(push({ to: 'U1', messages }), []);
  for (const request of [
    { messages },
    { to: 'U1', messages, more: 1 },
    { to: 'U1', messages: [] },
    { to: 'U1', messages: [{ type: 'text', txet: 'a' }] },
    { to: 'U1', messages: [{ type: 'text', text: 7 }] },
    { to: 'U1', messages: [{ type: 'letter', text: 'a' }] },
    { to: 'U1', messages: [{ type: 'flex', altText: 'a', contents: { type: 'bubble', body: { type: 'box', layout: 'up', contents: [] } } }] },
  ]) {
    assert.notDeepEqual(push(request), [], JSON.stringify(request));
  }
  assert.notDeepEqual(push({ to: 'U1', messages }, {}), []);
});

test('our client and the simulator are as LINE describes them', { skip }, async () => {
  const { wrong, find } = description(folder);
  const exchanges = await lines('exchanges');
  assert.ok(exchanges.length > 50, `${exchanges.length} exchanges`);
  assert.deepEqual(exchanges.flatMap(wrong), []);
  const kinds = new Set(exchanges.map((e) => `${e.method} ${find(e.method, e.path).pattern}`));
  console.log(`${exchanges.length} exchanges of our client over ${kinds.size} calls`);
});

test('what the account says of a contact is as LINE describes it', { skip }, async () => {
  const { wrong } = description(folder);
  const exchanges = await lines('said');
  const sent = exchanges.filter((e) => /push|multicast/.test(e.path));
  // Seven messages of a contact and a notice, in three languages.
  assert.equal(sent.length, 24);
  assert.deepEqual(exchanges.flatMap(wrong), []);
});

test("LINE's SDK and the simulator's webhooks are as LINE describes them", { skip }, async () => {
  const { wrong } = description(folder);
  const simulator = await start();
  const sdk = clients(simulator);
  const server = await webhookServer();
  const [user] = simulator.users;
  await sdk.api.setWebhookEndpoint({ endpoint: server.address });
  const { richMenuId } = await sdk.api.createRichMenu(menu);
  await sdk.blob.setRichMenuImage(richMenuId, new Blob([png(2500, 843)], { type: 'image/png' }));
  await sdk.api.linkRichMenuIdToUser(user, richMenuId);
  await sdk.api.multicast({ to: simulator.users, messages: [{ type: 'text', text: 'a' }] }, randomUUID());
  const { linkToken } = await sdk.api.issueLinkToken(user);
  for (const command of [
    { do: 'block', user }, { do: 'follow', user }, { do: 'say', user, text: 'a' }, { do: 'image', user, bytes: 'a' },
    { do: 'file', user, name: 'a.pdf', bytes: 'a' }, { do: 'location', user, address: 'a' }, { do: 'sticker', user },
    { do: 'postback', user, data: 'a' }, { do: 'link', user, token: linkToken, nonce: 'n' }, { do: 'settle' },
  ]) {
    await simulator.ask(command);
  }
  const exchanges = await simulator.ask({ do: 'exchanges' });
  simulator.stop();
  server.stop();
  assert.equal(exchanges.filter((e) => e.path === '/callback').length, 9);
  assert.deepEqual(exchanges.flatMap(wrong), []);
});
