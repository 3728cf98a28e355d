import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions, UsageError } from '../src/options.ts';

test('without options everything is measured, three rounds of ten seconds', () => {
  assert.deepEqual(readOptions([]), {
    shapes: ['A', 'B', 'C'],
    rounds: 3,
    seconds: 10,
    joins: 50,
    cores: false,
    gro: false,
    noGso: false,
    json: false,
    check: false,
  });
});

test('options are taken as given', () => {
  const options = readOptions(['--shapes', 'A', '--rounds=1', '--seconds=2', '--joins', '0', '--json', '--check', '--no-gso']);
  assert.deepEqual(options?.shapes, ['A']);
  assert.equal(options?.joins, 0);
  assert.equal(options?.check && options.json && options.noGso, true);
});

test('what makes no sense is refused with what would', () => {
  assert.throws(() => readOptions(['--shapes', 'D']), new UsageError('There is no shape "D". There are A, B and C.'));
  for (const wrong of ['0', '-1', '1.5', 'x', '', '100000']) {
    assert.throws(() => readOptions([`--rounds=${wrong}`]), UsageError);
  }
  assert.throws(() => readOptions(['--no-such-thing']), UsageError);
});

test('help is no measurement', () => assert.equal(readOptions(['--help']), undefined));
