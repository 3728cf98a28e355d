import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { newSecret, sign } from '../../src/webhooks/signature.ts';

const body = JSON.stringify({ type: 'room.started', data: { room: 'blau ☃' } });

test('the library of Standard Webhooks verifies what we sign', () => {
  const secret = newSecret();
  const headers = { ...sign([secret], 'evt_1', body, Date.now()) };
  assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
  assert.throws(() => new Webhook(secret).verify(`${body} `, headers));
  assert.throws(() => new Webhook(secret).verify(body, { ...headers, 'webhook-id': 'evt_2' }));
  assert.throws(() => new Webhook(newSecret()).verify(body, headers));
});

test('while a secret is changed over, both old and new verify', () => {
  const [old, fresh] = [newSecret(), newSecret()];
  const headers = { ...sign([fresh, old], 'evt_1', body, Date.now()) };
  for (const secret of [old, fresh]) new Webhook(secret).verify(body, headers);
});

test('a request that is repeated much later is refused', () => {
  const secret = newSecret();
  assert.throws(() => new Webhook(secret).verify(body, { ...sign([secret], 'evt_1', body, Date.now() - 600_000) }), /timestamp/i);
});

test('the signature of the specification is the one that we make', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const headers = sign([secret], 'msg_p5jXN8AQM9LWM0D4loKWxJek', '{"test": 2432232314}', 1_614_265_330_000);
  assert.deepEqual(headers, {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});
