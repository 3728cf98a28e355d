import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { Limiter } from '../../../src/http/guard/limiter.ts';

const SEED = new Uint8Array(16);
const CELLS = 65_536;

test('as many at once as the limit says, then as many in its time, and the wait that it tells is enough', () => {
  const tap = new Limiter({ count: 500, per: 60_000 }, CELLS, SEED).tap('school');
  for (let join = 0; join < 500; join += 1) assert.equal(tap.take(1_000), 0);
  const wait = tap.take(1_000);
  assert.equal(wait, 120);
  assert.equal(tap.take(1_000 + wait - 1), 1);
  assert.equal(tap.take(1_000 + wait), 0);
  assert.notEqual(tap.take(1_000 + wait), 0);
  for (let join = 0; join < 500; join += 1) assert.equal(tap.take(200_000), 0); // full again after its time, and no fuller
  assert.notEqual(tap.take(200_000), 0);
});

test('who waits takes nothing', () => {
  const tap = new Limiter({ count: 2, per: 1_000 }, CELLS, SEED).tap('a');
  for (let look = 0; look < 10; look += 1) assert.equal(tap.wait(0), 0);
  assert.deepEqual([tap.take(0), tap.take(0), tap.take(0), tap.take(0)], [0, 0, 500, 500]);
});

test('nobody ever gets more than the limit, whatever the others do', () => {
  const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), after: fc.integer({ min: 0, max: 300 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 1, max: 4 }), (steps, cells) => {
      const limiter = new Limiter({ count: 5, per: 1_000 }, cells, SEED);
      const taken: Record<string, number[]> = { a: [], b: [], c: [], d: [] };
      let now = 0;
      for (const { key, after } of steps) {
        now += after;
        if (limiter.tap(key).take(now) === 0) taken[key]?.push(now);
      }
      for (const times of Object.values(taken)) {
        // 5 at once and 5 in each second after: never more than 5 + 5 in any window of a second.
        times.forEach((from, first) => {
          assert.ok(times.slice(first).filter(at => at < from + 1_000).length <= 10);
          assert.ok(times.length - first <= 5 + 5 * ((now - from) / 1_000) + 1e-6);
        });
      }
    }),
  );
});

test('a thousand attackers at their limit hold up hardly anybody else, and take no memory', () => {
  const seed = Uint8Array.from({ length: 16 }, () => randomInt(256));
  const limiter = new Limiter({ count: 3, per: 60_000 }, CELLS, seed);
  for (let attacker = 0; attacker < 1_000; attacker += 1) {
    const tap = limiter.tap(`attacker ${attacker}`);
    while (tap.take(0) === 0);
  }
  const innocents = Array.from({ length: 10_000 }, (_, index) => limiter.tap(`innocent ${index}`).wait(0));
  const heldUp = innocents.filter(wait => wait > 0).length;
  assert.ok(heldUp < 20, `${heldUp} of 10,000 (seed ${Buffer.from(seed).toString('hex')})`); // 2.3 are expected
});
