// LINE's own SDK as client of the simulator, and as reader of its webhooks.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from './simulator.mjs';
import { clients, line, menu, png, randomUUID, webhookServer } from './session.mjs';

let simulator;
let sdk;
before(async () => {
  simulator = await start();
  sdk = clients(simulator);
});
after(() => simulator.stop());

const text = (words) => [{ type: 'text', text: words }];
const refused = async (call, status) => {
  const error = await call.then(() => assert.fail('it should be refused'), (error) => error);
  assert.equal(error.status ?? error.statusCode, status, String(error));
  return error;
};
const inbox = (user) => simulator.ask({ do: 'inbox', user });

test('a push arrives, and a key is accepted once', async () => {
  const [user] = simulator.users;
  const key = randomUUID();
  const { httpResponse, body } = await sdk.api.pushMessageWithHttpInfo({ to: user, messages: text('こんにちは') }, key);
  const id = httpResponse.headers.get('x-line-request-id');
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.equal(body.sentMessages.length, 1);
  const error = await refused(sdk.api.pushMessage({ to: user, messages: text('こんにちは') }, key), 409);
  assert.equal(error.headers.get('x-line-accepted-request-id'), id);
  assert.equal(JSON.parse(error.body).sentMessages[0].id, body.sentMessages[0].id);
  assert.deepEqual(await inbox(user), [{ request: id, messages: text('こんにちは') }]);
});

test('many, all and some', async () => {
  const { users } = simulator;
  const before = (await inbox(users[5])).length;
  await sdk.api.multicast({ to: users.slice(0, 50), messages: text('一'), customAggregationUnits: ['koho'] }, randomUUID());
  await sdk.api.broadcast({ messages: text('二') }, randomUUID());
  const made = await sdk.audience.createAudienceGroup({
    description: '北地区',
    audiences: users.slice(0, 55).map((id) => ({ id })),
  });
  await sdk.audience.addAudienceToAudienceGroup({ audienceGroupId: made.audienceGroupId, audiences: [{ id: users[56] }] });
  const found = await sdk.audience.getAudienceData(made.audienceGroupId);
  assert.equal(found.audienceGroup.audienceCount, 56);
  const recipient = { type: 'audience', audienceGroupId: made.audienceGroupId };
  const sent = await sdk.api.narrowcastWithHttpInfo({ messages: text('三'), recipient }, randomUUID());
  const progress = await sdk.api.getNarrowcastProgress(sent.httpResponse.headers.get('x-line-request-id'));
  assert.equal(progress.phase, 'sending');
  assert.equal((await inbox(users[5])).length, before + 3);
  await sdk.audience.deleteAudienceGroup(made.audienceGroupId);
  assert.equal((await sdk.api.getAggregationUnitUsage()).numOfCustomAggregationUnits, 1);
});

test('what is wrong is refused with details', async () => {
  const [user] = simulator.users;
  const error = await refused(sdk.api.pushMessage({ to: user, messages: text('') }), 400);
  assert.equal(JSON.parse(error.body).details[0].property, 'messages[0].text');
  await refused(sdk.api.pushMessage({ to: 'nobody', messages: text('a') }), 400);
  await refused(sdk.api.validatePush({ messages: [{ type: 'text', text: 'a'.repeat(5001) }] }), 400);
  await sdk.api.validatePush({ messages: text('a') });
  const wrong = new line.messagingApi.MessagingApiClient({ channelAccessToken: 'x', baseURL: simulator.address });
  await refused(wrong.getBotInfo(), 401);
});

test('tokens', async () => {
  const { channel, secret } = simulator;
  const short = await sdk.tokens.issueChannelToken('client_credentials', channel, secret);
  assert.equal(short.expires_in, 2_592_000);
  const stateless = await sdk.tokens.issueStatelessChannelTokenByClientSecret(channel, secret);
  assert.equal(stateless.expires_in, 900);
  for (const { access_token: channelAccessToken } of [short, stateless]) {
    const api = new line.messagingApi.MessagingApiClient({ channelAccessToken, baseURL: simulator.address });
    assert.equal((await api.getBotInfo()).displayName, 'Simulator');
  }
  await refused(sdk.tokens.issueChannelToken('client_credentials', channel, 'wrong'), 400);
});

test('rich menus', async () => {
  const { users } = simulator;
  await sdk.api.validateRichMenuObject(menu);
  const { richMenuId } = await sdk.api.createRichMenu(menu);
  await refused(sdk.api.setDefaultRichMenu(richMenuId), 400);
  const image = png(2500, 843);
  await sdk.blob.setRichMenuImage(richMenuId, new Blob([image], { type: 'image/png' }));
  const fetched = await sdk.blob.getRichMenuImage(richMenuId);
  const parts = [];
  for await (const part of fetched) parts.push(part);
  assert.deepEqual(Buffer.concat(parts), image);
  await sdk.api.setDefaultRichMenu(richMenuId);
  assert.equal((await sdk.api.getDefaultRichMenuId()).richMenuId, richMenuId);
  await sdk.api.linkRichMenuIdToUser(users[1], richMenuId);
  assert.equal((await sdk.api.getRichMenuIdOfUser(users[1])).richMenuId, richMenuId);
  await sdk.api.linkRichMenuIdToUsers({ richMenuId, userIds: users.slice(0, 3) });
  await sdk.api.unlinkRichMenuIdFromUsers({ userIds: users.slice(0, 3) });
  await refused(sdk.api.getRichMenuIdOfUser(users[1]), 404);
  assert.equal(await simulator.ask({ do: 'menu', user: users[1] }), richMenuId);
  await sdk.api.createRichMenuAlias({ richMenuAliasId: 'day', richMenuId });
  await sdk.api.updateRichMenuAlias('day', { richMenuId });
  assert.equal((await sdk.api.getRichMenuAlias('day')).richMenuId, richMenuId);
  assert.equal((await sdk.api.getRichMenuAliasList()).aliases.length, 1);
  await sdk.api.deleteRichMenuAlias('day');
  const { richmenus } = await sdk.api.getRichMenuList();
  assert.deepEqual(richmenus, [{ ...menu, richMenuId }]);
  assert.deepEqual(await sdk.api.getRichMenu(richMenuId), richmenus[0]);
  await sdk.api.cancelDefaultRichMenu();
  await sdk.api.deleteRichMenu(richMenuId);
  await refused(sdk.api.getRichMenu(richMenuId), 404);
});

test('the account and its friends', async () => {
  const [user] = simulator.users;
  assert.equal((await sdk.api.getProfile(user)).displayName, '市民');
  const page = await sdk.api.getFollowers(undefined, 40);
  const rest = await sdk.api.getFollowers(page.next, 40);
  assert.deepEqual([...page.userIds, ...rest.userIds], simulator.users);
  assert.equal((await sdk.api.getMessageQuota()).type, 'none');
  assert.equal(typeof (await sdk.api.getMessageQuotaConsumption()).totalUsage, 'number');
  assert.match((await sdk.api.issueLinkToken(user)).linkToken, /^[0-9a-f]{32}$/);
  const day = '20260101';
  assert.equal((await sdk.insight.getNumberOfMessageDeliveries(day)).status, 'ready');
  assert.deepEqual((await sdk.insight.getStatisticsPerUnit('nothing', day, day)).messages, []);
});

test('webhooks are signed as the SDK wants it', async () => {
  const [user] = simulator.users;
  const server = await webhookServer();
  await sdk.api.setWebhookEndpoint({ endpoint: server.address });
  assert.equal((await sdk.api.getWebhookEndpoint()).endpoint, server.address);
  assert.equal((await sdk.api.testWebhookEndpoint({})).success, true);
  const photo = await simulator.ask({ do: 'image', user, bytes: 'photo' });
  await simulator.ask({ do: 'say', user, text: 'ごみの日は？ 🍎' });
  await simulator.ask({ do: 'postback', user, data: 'read=1' });
  await simulator.ask({ do: 'settle' });
  server.stop();
  const events = server.got.flatMap(({ body, signature }) => {
    assert.ok(line.validateSignature(body, simulator.secret, signature));
    assert.ok(!line.validateSignature(body, 'another', signature));
    assert.ok(!line.validateSignature(`${body} `, simulator.secret, signature));
    return JSON.parse(body).events;
  });
  assert.deepEqual(events.map((e) => e.type), ['message', 'message', 'postback']);
  assert.equal(events[1].message.text, 'ごみの日は？ 🍎');
  const content = [];
  for await (const part of await sdk.blob.getMessageContent(photo)) content.push(part);
  assert.equal(Buffer.concat(content).toString(), 'photo');
  await sdk.api.replyMessage({ replyToken: events[1].replyToken, messages: text('水曜日です') });
  await refused(sdk.api.replyMessage({ replyToken: events[1].replyToken, messages: text('水曜日です') }), 400);
});
