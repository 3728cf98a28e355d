import assert from 'node:assert/strict';
import { test } from 'node:test';
import canonicalize from 'canonicalize';
import type { AuditEntry } from '../../src/audit/audit.ts';
import { prepareEntry } from '../../src/audit/entry.ts';

const prepared = (entry: Partial<AuditEntry>) =>
  prepareEntry({ action: 'token.validated', outcome: 'refused', project: 'p', ...entry }, 'id', 7);

test('an entry has what is known and nothing else', () => {
  assert.deepEqual(prepared({ user: 'ann', key: undefined, userAgent: 'curl/8' }), {
    ...{ id: 'id', at: 7, action: 'token.validated', outcome: 'refused', project: 'p' },
    ...{ user: 'ann', user_agent: 'curl/8' },
  });
  assert.equal(prepared({ at: 5.9 }).at, 5);
});

test('a token or a secret that somebody passes all the same does not get in', () => {
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiYW5uIn0.c2lnbmF0dXJl';
  const entry = prepared({
    userAgent: `agent ${token} 1.0`,
    room: token.slice(0, 40),
    details: { deep: [{ url: `/ws?token=${token}` }], secret: 'whsec_AAAA/BBB+CC=' },
  });
  const text = JSON.stringify(entry);
  assert.ok(!text.includes('eyJ') && !text.includes('AAAA'), text);
  assert.equal(entry.user_agent, 'agent [token] 1.0');
});

test('what no database can keep is made fit, and large things are cut', () => {
  const entry = prepared({
    user: 'a\u0000b\ud800',
    userAgent: `${'x'.repeat(255)}\u{1f600}`,
    details: { big: 'y'.repeat(5_000) },
  });
  assert.equal(entry.user, 'a\ufffdb\ufffd');
  assert.equal(entry.user_agent, `${'x'.repeat(255)}\ufffd`);
  assert.deepEqual(entry.details, { big: 'y'.repeat(256) });
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`n${n}`, 'y'.repeat(200)]));
  assert.deepEqual(prepared({ details: many }).details, { left_out: 'larger than 2 kB' });
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  for (const details of [circle, { big: 1n }, { '\ud800': 1 }, { at: Number.NaN }]) {
    const { details: kept } = prepared({ details });
    assert.deepEqual(JSON.parse(canonicalize(kept) ?? ''), kept);
  }
});
