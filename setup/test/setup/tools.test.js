import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOlder } from '../../tools.js';

test('versions are compared by number, not by letter', () => {
  assert.equal(isOlder('1.63.0', '1.89'), true);
  assert.equal(isOlder('1.100.0', '1.89'), false);
  assert.equal(isOlder('1.89.0', '1.89'), false);
  assert.equal(isOlder('2.0.0', '1.89'), false);
});
