import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { clientAddress, limitedAs } from '../../../src/http/guard/client-address.ts';
import { trustedProxies } from '../../../src/http/own-origin.ts';

const request = (remoteAddress: string, forwarded?: string) =>
  ({
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    socket: { remoteAddress },
  }) as unknown as IncomingMessage;

test('the address of a client is read from the right, up to the first that is no proxy of ours', () => {
  const trusts = trustedProxies(['10.0.0.0/8', '::1']);
  const cases: [from: string, forwarded: string | undefined, address: string][] = [
    ['203.0.113.9', undefined, '203.0.113.9'],
    ['203.0.113.9', '198.51.100.1', '203.0.113.9'], // a stranger says so
    ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '192.0.2.66, 198.51.100.1', '198.51.100.1'], // the client forged the left one
    ['10.0.0.1', '192.0.2.66, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
    ['::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['::1', '2001:db8::1', '2001:db8::1'],
    ['10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
    ['10.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
    ['10.0.0.1', 'unknown', '10.0.0.1'],
    ['10.0.0.1', '<script>, 10.0.0.7', '10.0.0.7'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['::ffff:203.0.113.9', undefined, '203.0.113.9'],
  ];
  for (const [from, forwarded, address] of cases) {
    assert.equal(clientAddress(request(from, forwarded), trusts), address, `${from} ${forwarded}`);
  }
});

test('an IPv6 network of 64 bits counts as one, an IPv4 address as itself', () => {
  assert.equal(limitedAs('203.0.113.9'), '203.0.113.9');
  const site = limitedAs('2001:db8:1:2::1');
  for (const other of ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:0db8:0001:0002:0:0:0:5', '2001:db8:1:2::']) {
    assert.equal(limitedAs(other), site, other);
  }
  for (const other of ['2001:db8:1:3::1', '2001:db8::1', '::1', '::', 'fe80::1']) assert.notEqual(limitedAs(other), site, other);
  assert.equal(limitedAs('::1'), limitedAs('::2'));
});
