import assert from 'node:assert/strict';
import { test } from 'node:test';
import { satisfies } from '../../packages.js';

const lock = { packages: { '': {}, client: { version: '0.1.0' }, 'node_modules/a': { version: '1.0.0' } } };

test('packages in the versions of the lock file satisfy it', () => {
  assert.equal(satisfies(lock, { packages: { 'node_modules/a': { version: '1.0.0' } } }), true);
});

test('a missing package or another version does not', () => {
  assert.equal(satisfies(lock, { packages: {} }), false);
  assert.equal(satisfies(lock, { packages: { 'node_modules/a': { version: '1.0.1' } } }), false);
});

test('optional packages of other platforms may be missing, those of this one may not', () => {
  const foreign = { version: '1.0.0', optional: true, os: ['plan9'] };
  const own = { version: '1.0.0', optional: true, os: [process.platform], cpu: [process.arch] };
  assert.equal(satisfies({ packages: { 'node_modules/b': foreign } }, { packages: {} }), true);
  assert.equal(satisfies({ packages: { 'node_modules/b': own } }, { packages: {} }), false);
});
