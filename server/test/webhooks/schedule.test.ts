import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff, judge, retryAfter, Slots } from '../../src/webhooks/schedule.ts';

const DAY = 24 * 3_600_000;
const refused = { type: 'answered', status: 500, retryAfter: undefined } as const;

test('it is tried again after 5 seconds, then three times as long, and never longer than 12 hours', () => {
  const waits = Array.from({ length: 12 }, (_, n) => backoff(n + 1, 0.5) / 1_000);
  assert.deepEqual(waits, [5, 15, 45, 135, 405, 1_215, 3_645, 10_935, 32_805, 43_200, 43_200, 43_200]);
  assert.deepEqual([backoff(1, 0), backoff(1, 1)], [4_000, 6_000]);
});

test('a receiver that fails for days is asked until its time is over, and the last time at its end', () => {
  const retryFor = 5 * DAY;
  let age = 0;
  let attempts = 0;
  for (;;) {
    attempts += 1;
    const verdict = judge(refused, { attempts, age, retryFor, chance: 0.5 });
    if (verdict.type === 'give-up') break;
    assert.equal(verdict.type, 'retry');
    age += verdict.type === 'retry' ? verdict.wait : 0;
  }
  assert.equal(age, retryFor);
  assert.ok(attempts > 15 && attempts < 25, String(attempts));
});

test('only 2xx is taken for an answer; a redirect is none, and 410 means never again', () => {
  const of = (status: number) => judge({ ...refused, status }, { attempts: 1, age: 0, retryFor: DAY, chance: 0 }).type;
  assert.deepEqual([200, 204, 299].map(of), ['delivered', 'delivered', 'delivered']);
  assert.deepEqual([301, 302, 400, 401, 404, 429, 503].map(of), new Array(7).fill('retry'));
  assert.equal(of(410), 'gone');
});

test('a receiver may ask for more time, but not for more than 12 hours', () => {
  const wait = (ms: number) => {
    const verdict = judge({ ...refused, retryAfter: ms }, { attempts: 1, age: 0, retryFor: 5 * DAY, chance: 0.5 });
    return verdict.type === 'retry' ? verdict.wait : undefined;
  };
  assert.deepEqual([wait(1_000), wait(60_000), wait(10 * DAY)], [5_000, 60_000, DAY / 2]);
  assert.equal(retryAfter('120', 0), 120_000);
  assert.equal(retryAfter('Thu, 01 Jan 1970 00:01:00 GMT', 10_000), 50_000);
  assert.deepEqual([retryAfter(undefined, 0), retryAfter('soon', 0), retryAfter('-3', 0)], [undefined, undefined, undefined]);
});

test('an endpoint takes its share of what is sent at once, and one that fails a single place', () => {
  const slots = new Slots(2, 3);
  slots.take('a');
  assert.deepEqual([slots.isFree('a', false), slots.isFree('a', true), slots.isFree('b', true)], [true, false, true]);
  slots.take('a');
  assert.deepEqual([slots.isFree('a', false), slots.full(), slots.free], [false, ['a'], 1]);
  slots.take('b');
  assert.equal(slots.isFree('c', false), false);
  slots.release('a');
  assert.deepEqual([slots.isFree('c', false), slots.used], [true, 2]);
});
