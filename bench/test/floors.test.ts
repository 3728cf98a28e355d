import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from '../src/build.ts';
import { measure } from '../src/measure.ts';
import { readOptions } from '../src/options.ts';
import type { ShapeName } from '../src/shapes.ts';

/** Far below the bars (bench/src/bars.ts), for machines that do other things meanwhile: only a real loss of speed falls through. */
const FLOORS: Readonly<Record<ShapeName, number>> = { A: 0.35, B: 0.3, C: 0.3 };
const SECOND_CORE = 1.4;

test('the forwarder is about as fast as it was, beside the bare limit', async t => {
  if (process.platform !== 'linux') return t.skip('it reads /proc');
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const options = readOptions(['--rounds', '1', '--seconds', '3', '--joins', '5', '--cores']);
  assert.ok(options);
  const progress = (line: string) => t.diagnostic(line);
  const { shapes, cores } = await measure(options, { root, binaries: await build(root), progress });
  for (const { shape, ratio, packetsLost } of shapes) {
    assert.ok(ratio >= FLOORS[shape], `${shape}: ${ratio.toFixed(2)} of the limit, wanted ${FLOORS[shape]}`);
    assert.equal(packetsLost, 0, shape);
  }
  assert.ok((cores?.ratio ?? 0) >= SECOND_CORE, `a second worker: ${cores?.ratio.toFixed(2)} times`);
});
