import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measurePlatform, platformTable } from '../src/platform.ts';
import { latencies } from '../src/platform-load.ts';

test('of many durations the middle, the hundredth and the longest are told', () => {
  const durations = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.deepEqual(latencies(durations, 1_000), { perSecond: 100, p50: 51, p99: 100, longest: 100 });
});

test('the platform is measured in short', { timeout: 60_000 }, async () => {
  const results = await measurePlatform({ seconds: 1, joins: 80 });
  for (const { perSecond, p50, p99 } of [results.tokens, results.idempotentTokens, results.joins]) {
    assert.ok(perSecond > 0 && p50 > 0 && p50 <= p99 && p99 < 5_000, JSON.stringify(results));
  }
  assert.ok(results.validation > 1 && results.validation < 10_000);
  assert.match(platformTable(results), /POST \/tokens .*\n.*Idempotency-Key/);
});
