import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { createApi } from '@aqlinks/backend';
import { CLOSE } from '@aqlinks/protocol';
import type { Browser, Page } from '../harness/browser.ts';
import { newChromium } from '../harness/chromium.ts';
import { newNestApp } from '../harness/nest-app.ts';
import { freePort, newServer } from '../harness/server.ts';

const JWT_SECRET = 'kJ8s0Xv2Qm9ZtR4wB7nY1cL5fH3gD6pA';
const KEY = { id: 'backend', secret: 'the-secret-of-the-backend-0123456789-abcdef' };

async function join(browser: Browser, origin: string, user: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(origin);
  await page.fill('input[name=user]', user);
  await page.click('button');
  await page.until("document.querySelector('[role=status]').textContent === 'In room-id.'", `${user} to be in`);
  return page;
}

/** Asked as the page of somebody: text, whatever it is. */
const ask = (page: Page, path: string) =>
  page.evaluate<string>(`fetch(${JSON.stringify(path)}).then(response => response.text())`);

const SEES = `[...document.querySelectorAll('video')].filter(video => video.videoWidth > 0 && video.currentTime > 0).length`;

test('people of a NestJS application meet in a call, and the application hears of it', async t => {
  const server = await newServer(t, { JWT_SECRET, API_KEYS: `${KEY.id}:${KEY.secret}` });
  const port = await freePort();
  const api = createApi({ url: server.origin, key: KEY });
  const { secret } = await api.createWebhook({ body: { url: `http://127.0.0.1:${port}/aqlinks/webhooks` } });
  const origin = await newNestApp(t, port, {
    JWT_SECRET,
    AQLINKS_URL: server.origin,
    AQLINKS_API_KEY: `${KEY.id}:${KEY.secret}`,
    AQLINKS_WEBHOOK_SECRET: secret,
  });
  assert.equal((await fetch(`${origin}/api/webrtc/token/room-id`)).status, 401); // nobody is asking

  const browser = await newChromium(t);
  const ann = await join(browser, origin, 'Ann');
  const ben = await join(browser, origin, 'Ben');
  for (const page of [ann, ben]) await page.until(`${SEES} === 2`, 'oneself and the other to be seen');

  assert.deepEqual(JSON.parse(await ask(ann, '/api/rooms/room-id/participants')).sort(), ['Ann', 'Ben']);
  const { wsUrl } = JSON.parse(await ask(ann, '/api/webrtc/token/room-id'));
  assert.match(
    wsUrl,
    new RegExp(`^${server.origin.replace('http', 'ws')}/aq_server/websocket\\?token=[\\w-]+\\.[\\w-]+\\.[\\w-]+$`),
  );

  await ben.close();
  await ann.until(`${SEES} === 1`, 'who left to be seen no more');
  const lines = "fetch('/api/rooms/room-id/attendance').then(response => response.json())";
  await ann.until(`${lines}.then(lines => lines.length === 3)`, 'the webhooks to arrive');
  assert.deepEqual(JSON.parse(await ask(ann, '/api/rooms/room-id/attendance')), [
    'Ann joined as host',
    'Ben joined as host',
    'Ben left: disconnected',
  ]);
});

test('a token that the application signed with its API key opens a call, and can be taken back', async t => {
  const server = await newServer(t, { API_KEYS: `${KEY.id}:${KEY.secret}` });
  const origin = await newNestApp(t, await freePort(), {
    JWT_SECRET: 'unused-here-0123456789-abcdefghijklmnop',
    AQLINKS_URL: server.origin,
    AQLINKS_API_KEY: `${KEY.id}:${KEY.secret}`,
  });
  const response = await fetch(`${origin}/api/webrtc/invitation/blue`, { headers: { cookie: 'user=Ann' } });
  const { wsUrl, jti } = (await response.json()) as { wsUrl: string; jti: string };
  const socket = new WebSocket(wsUrl);
  t.after(() => socket.close());
  const closed = new Promise<CloseEvent>(resolve => socket.addEventListener('close', resolve));
  await new Promise(resolve => socket.addEventListener('message', resolve, { once: true }));
  await createApi({ url: server.origin, key: KEY }).revokeTokens({ body: { jti } });
  assert.equal((await closed).code, CLOSE.revoked.code);
});
