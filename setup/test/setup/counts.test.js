import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cargoCounts, judge, sum, totalLine } from '../../counts.js';

test('the results of all crates are added up', () => {
  const output = [
    'running 2 tests',
    'test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s',
    'test result: FAILED. 3 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s',
  ].join('\n');
  assert.deepEqual(cargoCounts(output), { passed: 5, failed: 4, skipped: 1 });
});

test('a layer in which no test ran has failed', () => {
  assert.deepEqual(judge({ passed: 0, failed: 0, skipped: 3 }, true), { passed: 0, failed: 1, skipped: 3 });
});

test('a failure without a failing test counts as one', () => {
  assert.deepEqual(judge({ passed: 7, failed: 0, skipped: 0 }, false), { passed: 7, failed: 1, skipped: 0 });
  assert.deepEqual(judge({ passed: 7, failed: 2, skipped: 0 }, false), { passed: 7, failed: 2, skipped: 0 });
  assert.deepEqual(judge({ passed: 7, failed: 0, skipped: 0 }, true), { passed: 7, failed: 0, skipped: 0 });
});

test('the total line names what was skipped only if something was', () => {
  assert.equal(totalLine({ passed: 3, failed: 0, skipped: 0 }), '3 passed, 0 failed');
  assert.equal(
    totalLine(sum({ passed: 1, failed: 1, skipped: 1 }, { passed: 2, failed: 0, skipped: 0 })),
    '3 passed, 1 failed, 1 skipped',
  );
});
