import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressCheck } from '../../src/webhooks/addresses.ts';
import { createSender } from '../../src/webhooks/send.ts';
import { newReceiver } from './new-receiver.ts';

const PRIVATE = [
  '127.0.0.1',
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '255.255.255.255',
];
const PRIVATE6 = [
  '::1',
  '::',
  'fe80::1',
  'fd00::1',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '64:ff9b::a00:1',
  '2002:a00:1::1',
  'ff02::1',
];

test('in production what is not public is refused, in whatever form it is written', () => {
  const check = addressCheck({ publicOnly: true, allowed: [] });
  for (const address of [...PRIVATE, ...PRIVATE6]) assert.match(check(address, true) ?? '', /not public/, address);
  for (const address of ['1.1.1.1', '93.184.216.34', '2606:4700::1111']) assert.equal(check(address, true), undefined, address);
  assert.match(check('1.1.1.1', false) ?? '', /https only/);
});

test('a setting allows some of it, also by http; development allows all', () => {
  const check = addressCheck({ publicOnly: true, allowed: ['10.0.0.0/8', 'loopback', 'fd00::7'] });
  assert.deepEqual(
    ['10.9.9.9', '127.0.0.1', '::1', 'fd00::7', '::ffff:10.0.0.1'].map(each => check(each, false)),
    new Array(5).fill(undefined),
  );
  assert.match(check('192.168.1.1', true) ?? '', /not public/);
  assert.match(check('fd00::8', true) ?? '', /not public/);
  assert.equal(addressCheck({ publicOnly: false, allowed: [] })('127.0.0.1', false), undefined);
});

test('nothing reaches a private address, by number, in disguise or by name', async t => {
  const receiver = await newReceiver(t);
  const check = addressCheck({ publicOnly: true, allowed: [] });
  const sender = createSender({ check, timeout: 2_000, userAgent: 'test', now: Date.now });
  t.after(() => sender.close());
  const { port } = new URL(receiver.url);
  for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '127.1', '[::1]', '[::ffff:7f00:1]', 'localhost']) {
    const attempt = await sender.send({ url: `http://${host}:${port}/`, headers: {}, body: '{}' });
    assert.deepEqual(
      attempt,
      { type: 'failed', error: 'Its address is not public. WEBHOOK_PRIVATE_NETWORKS can allow it.' },
      host,
    );
  }
  assert.equal(receiver.received.length, 0);
});

test('a name is looked up once: the address that was checked is the one that is connected to', async t => {
  const receiver = await newReceiver(t);
  const checked: string[] = [];
  const check = (address: string) => void checked.push(address);
  const sender = createSender({ check, timeout: 2_000, userAgent: 'aqlinks/1', now: Date.now });
  t.after(() => sender.close());
  const body = JSON.stringify({ type: 'x', data: {} });
  const attempt = await sender.send({
    url: receiver.url.replace('127.0.0.1', 'localhost'),
    headers: { 'webhook-id': 'e' },
    body,
  });
  assert.deepEqual(attempt, { type: 'answered', status: 200, retryAfter: undefined });
  assert.ok(checked.includes('127.0.0.1'));
  assert.equal(receiver.received[0]?.headers['user-agent'], 'aqlinks/1');
});
