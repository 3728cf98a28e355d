import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { exponentialBackoff } from '../src/index.ts';

/** SPEC:P26 */
test('without jitter: 1 s doubling to 30 s, ten tries', () => {
  const policy = exponentialBackoff(() => 0);
  const delays = Array.from({ length: 11 }, (_, index) => policy(index + 1));
  assert.deepEqual(delays, [1, 2, 4, 8, 16, 30, 30, 30, 30, 30].map(seconds => seconds * 1_000).concat([undefined as never]));
});

test('jitter takes up to a quarter off and never adds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.double({ min: 0, max: 0.999_999, noNaN: true }), (attempt, random) => {
      const [longest, delay] = [exponentialBackoff(() => 0)(attempt), exponentialBackoff(() => random)(attempt)];
      assert.ok(longest !== undefined && delay !== undefined);
      assert.ok(delay <= longest && delay >= longest * 0.74, `${delay} of ${longest}`);
    }),
  );
});
