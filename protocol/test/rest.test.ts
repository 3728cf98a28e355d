import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import {
  addressOf,
  CreateRoom,
  IssueToken,
  OPERATIONS,
  type Operation,
  RevokeTokens,
  secondsOf,
  WebhookSettings,
} from '../src/index.ts';

const ALL: readonly (readonly [string, Operation])[] = Object.entries(OPERATIONS);

test('no two operations share an address, and each names its parameters', () => {
  assert.equal(new Set(ALL.map(([, { at }]) => at.replaceAll(/\{\w+\}/g, '{}'))).size, ALL.length);
  for (const [name, { at, params }] of ALL) {
    const named = [...at.matchAll(/\{(\w+)\}/g)].map(match => match[1]);
    assert.deepEqual(named.sort(), Object.keys(params?.shape ?? {}).sort(), name);
  }
});

test('every body and query refuses what it does not know: a typing mistake is no silence', () => {
  for (const [name, { body, query }] of ALL) {
    for (const schema of [body, query]) {
      const refused = JSON.stringify(schema?.safeParse({ typo: 1 }).error?.issues);
      if (schema !== undefined) assert.match(refused, /"unrecognized_keys"/, name);
    }
  }
});

test('an address holds its parameters escaped', () => {
  assert.deepEqual(addressOf(OPERATIONS.liftBan, { room: 'a/b ü', user_id: '..?x' }), {
    method: 'DELETE',
    path: '/api/v1/rooms/a%2Fb%20%C3%BC/bans/..%3Fx',
  });
});

test('durations are seconds or a text', () => {
  const read: [number | string, number | undefined][] = [
    [90, 90],
    ['90', 90],
    ['90s', 90],
    ['30m', 1_800],
    ['24h', 86_400],
    ['7d', 604_800],
    ['1h30m', 5_400],
    ['', undefined],
    ['soon', undefined],
    ['-1s', undefined],
    ['1.5h', undefined],
  ];
  for (const [text, seconds] of read) assert.equal(secondsOf(text), seconds, String(text));
});

test('a token is asked for by the older names too, and for no longer than 30 days', () => {
  assert.ok(IssueToken.safeParse({ user_id: 'a', room_id: 'r', user_name: 'A', duration: '24h' }).success);
  assert.ok(IssueToken.safeParse({ room_id: 'r', user_name: 'A', duration: 60 }).success, 'as callers of the Go server do');
  assert.equal(IssueToken.safeParse({ room_id: 'r' }).success, false);
  for (const ttl of [0, 9, 2_592_001, '9s', '31d', '999999999d999999999d', -1, 1.5, null, {}, 'x']) {
    assert.equal(IssueToken.safeParse({ user_id: 'a', ttl }).success, false, String(ttl));
  }
});

test('a revocation names exactly one thing', () => {
  assert.ok(RevokeTokens.safeParse({ user_id: 'a', until: '2030-01-01T00:00:00+02:00' }).success);
  for (const body of [{}, { until: '2030-01-01T00:00:00Z' }, { user_id: 'a', room: 'r' }, { jti: '' }, { token: 'x' }]) {
    assert.equal(RevokeTokens.safeParse(body).success, false, JSON.stringify(body));
  }
});

test("a room's own things are at most 4 kB", () => {
  const room = (metadata: unknown) => CreateRoom.safeParse({ room: 'r', metadata }).success;
  assert.ok(room({ a: 'x'.repeat(4_000) }));
  assert.equal(room({ a: 'ü'.repeat(2_100) }), false);
});

test('a webhook is an http address without a user in it', () => {
  const url = (address: string) => WebhookSettings.safeParse({ url: address }).success;
  assert.ok(url('https://example.com/hook?x=1'));
  for (const bad of ['ftp://example.com', 'https://u:p@example.com', 'https://', 'javascript:alert(1)', 'https://exa mple.com']) {
    assert.equal(url(bad), false, bad);
  }
});
