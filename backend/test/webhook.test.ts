import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { readWebhook, WebhookInvalid } from '../src/index.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const EVENT = {
  type: 'room.started',
  timestamp: '2026-01-01T00:00:00.000Z',
  data: { project: 'default', room: 'r', session_id: 's' },
};

function signed(body: string, at = new Date(), secret = SECRET) {
  const signature = new Webhook(secret).sign('msg_1', at, body);
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  return { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': signature };
}

test('an event of the server is read, from text and from bytes', () => {
  const body = JSON.stringify(EVENT);
  for (const each of [body, Buffer.from(body)]) {
    assert.deepEqual(readWebhook(each, signed(body), SECRET), { id: 'msg_1', event: EVENT });
  }
});

test('during a change of the secret one signature of several is enough', () => {
  const body = JSON.stringify(EVENT);
  const headers = signed(body);
  const both = { ...headers, 'webhook-signature': `v1,AAAA ${headers['webhook-signature']}` };
  assert.equal(readWebhook(body, both, SECRET).id, 'msg_1');
});

test('what is changed, old, from the future, signed by others or not at all is refused', () => {
  const body = JSON.stringify(EVENT);
  const minutes = (count: number) => new Date(Date.now() + count * 60_000);
  const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
  const { 'webhook-id': _, ...withoutId } = signed(body);
  for (const [text, headers] of [
    [`${body} `, signed(body)],
    [body, signed(body, minutes(-6))],
    [body, signed(body, minutes(6))],
    [body, signed(body, new Date(), other)],
    [body, withoutId],
    [body, {}],
  ] as const) {
    assert.throws(() => readWebhook(text, headers, SECRET), WebhookInvalid);
  }
});

test('an event of a kind that this version does not know has its id and no more', () => {
  const body = JSON.stringify({ ...EVENT, type: 'webhook.test' });
  assert.deepEqual(readWebhook(body, signed(body), SECRET), { id: 'msg_1', event: undefined });
});
