// What LINE's own SDK does with the simulator, in one go: used by both tests.
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import * as line from '@line/bot-sdk';

// As much of a PNG as tells its size.
export function png(width, height) {
  const bytes = Buffer.alloc(29);
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(bytes);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.set([8, 2, 0, 0, 0], 24);
  return bytes;
}

export function clients(simulator) {
  const settings = { channelAccessToken: simulator.token, baseURL: simulator.address };
  return {
    api: new line.messagingApi.MessagingApiClient(settings),
    blob: new line.messagingApi.MessagingApiBlobClient(settings),
    audience: new line.manageAudience.ManageAudienceClient(settings),
    insight: new line.insight.InsightClient(settings),
    tokens: new line.channelAccessToken.ChannelAccessTokenClient({ baseURL: simulator.address }),
  };
}

// A server that keeps what it gets: body as it came and signature.
export async function webhookServer() {
  const got = [];
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    got.push({ body: Buffer.concat(parts), signature: request.headers['x-line-signature'] });
    response.end();
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return { got, address: `http://127.0.0.1:${server.address().port}/line`, stop: () => server.close() };
}

export const menu = {
  size: { width: 2500, height: 843 },
  selected: true,
  name: '平時',
  chatBarText: 'メニュー',
  areas: [{ bounds: { x: 0, y: 0, width: 2500, height: 843 }, action: { type: 'message', label: 'ごみ', text: 'ごみの日' } }],
};

export { line, randomUUID };
