import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Claims, TokenRequest } from '../src/index.ts';

/** SPEC:P2 */
test('only user_id is required, and what else a backend puts in is ignored', () => {
  assert.deepEqual(Claims.parse({ user_id: 'alice', sub: 'x', roles: ['a'] }), { user_id: 'alice' });
  const all = { user_id: 'alice', name: 'Älice 🦊', email: 'a@b.c', room: 'r 1', user_type: 'host', exp: 2, nbf: 1, iat: 1 };
  assert.deepEqual(Claims.parse(all), all);
  assert.equal(Claims.safeParse({}).success, false);
});

test('texts are bounded and hold no control characters', () => {
  const fine = (claims: object) => Claims.safeParse({ user_id: 'alice', ...claims }).success;
  for (const [key, max] of [
    ['user_id', 256],
    ['name', 256],
    ['email', 320],
    ['room', 128],
    ['user_type', 64],
  ] as const) {
    assert.equal(fine({ [key]: 'x'.repeat(max) }), true, key);
    assert.equal(fine({ [key]: 'x'.repeat(max + 1) }), false, key);
    assert.equal(fine({ [key]: '' }), false, key);
    assert.equal(fine({ [key]: 7 }), false, key);
    for (const control of ['\n', '\0', '\u001b', '\u0085']) assert.equal(fine({ [key]: `a${control}b` }), false, key);
  }
});

/** SPEC:P42 */
test('hostile JSON is refused, never thrown over', () => {
  const fields = fc.record(
    { user_id: fc.anything(), room: fc.anything(), name: fc.anything(), user_type: fc.anything(), exp: fc.anything() },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fields), value => {
      Claims.safeParse(value);
      TokenRequest.safeParse(value);
    }),
    { numRuns: 2_000 },
  );
});
