import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from '../../src/audit/audit.ts';
import { Repeats } from '../../src/audit/repeats.ts';

const refused = (address: string, reason = 'token-signature'): AuditEntry => ({
  ...{ action: 'token.validated', outcome: 'refused', project: 'p', address, reason, user: 'any' },
});
const LIMITS = { each: 3, all: 8, window: 60_000, addresses: 4 };

test('a few refusals of one address are kept each, the others are counted in one entry', () => {
  const repeats = new Repeats(LIMITS);
  const kept = Array.from({ length: 100 }, (_, n) => repeats.handle(1_000 + n, refused('192.0.2.1'))).flat();
  assert.equal(kept.length, 3);
  assert.equal(repeats.deadline, 61_000);
  assert.deepEqual(repeats.tick(60_999), []);
  assert.deepEqual(repeats.tick(61_000), [
    {
      ...{ at: 1_099, action: 'token.validated', outcome: 'refused', project: 'p' },
      ...{ reason: 'token-signature', address: '192.0.2.1' },
      details: { repeated: 97, since: 1_003, until: 1_099, note: 'not written one by one: too many like it' },
    },
  ]);
  assert.equal(repeats.deadline, undefined);
  assert.equal(repeats.handle(70_000, refused('192.0.2.1')).length, 1); // a new window
});

test('what was accepted is always kept, and what differs is counted apart', () => {
  const repeats = new Repeats(LIMITS);
  for (let n = 0; n < 50; n++) assert.equal(repeats.handle(n, { ...refused('192.0.2.1'), outcome: 'accepted' }).length, 1);
  for (let n = 0; n < 4; n++) repeats.handle(n, refused('192.0.2.1'));
  for (let n = 0; n < 4; n++) repeats.handle(n, refused('192.0.2.1', 'token-expired'));
  assert.deepEqual(
    repeats.flush().map(({ reason, details }) => [reason, details?.repeated]),
    [
      ['token-signature', 1],
      ['token-expired', 1],
    ],
  );
});

test('many addresses together cannot grow the log or the memory without bound, and none is lost from the count', () => {
  const repeats = new Repeats(LIMITS);
  const kept = Array.from({ length: 10_000 }, (_, n) => repeats.handle(n, refused(`192.0.2.${n % 250}`))).flat();
  const sums = repeats.flush();
  assert.equal(kept.length, LIMITS.all);
  assert.ok(sums.length <= LIMITS.addresses + 1, String(sums.length));
  const counted = sums.reduce((sum, { details }) => sum + Number(details?.repeated), 0);
  assert.equal(kept.length + counted, 10_000);
  assert.equal(sums.at(-1)?.address, 'others');
});

test('the addresses of one IPv6 network count as one', () => {
  const repeats = new Repeats(LIMITS);
  for (let n = 0; n < 10; n++) repeats.handle(n, refused(`2001:db8::${n}`));
  assert.equal(repeats.flush().length, 1);
  for (let n = 0; n < 6; n++) repeats.handle(n, refused(n % 2 === 0 ? '192.0.2.1' : '::ffff:192.0.2.1'));
  assert.equal(repeats.flush().length, 1);
});
