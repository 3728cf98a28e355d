import { NONE, sum, totalLine } from './counts.js';
import { LAYERS } from './layers.js';
import { prepare } from './prepare.js';
import { runLayer } from './run-layer.js';
import { ensureSchemathesis } from './schemathesis.js';
import { fail, SetupError } from './setup-error.js';
import { ensureRust, ensureRustLinters, ensureSystemTool } from './tools.js';

/** @typedef {import('./layers.js').Layer} Layer */

// npm test [-- layer…]: set up what the layers need, run them in order, end with the totals on a line of their own.
try {
  await main(process.argv.slice(2));
} catch (error) {
  fail(error);
}

/** @param {readonly string[]} names */
async function main(names) {
  const layers = choose(names);
  await prepare([...new Set(layers.flatMap(layer => layer.steps))]);
  for (const tool of new Set(layers.flatMap(layer => layer.tools ?? []))) await ensure(tool);

  const rows = [];
  for (const layer of layers) {
    console.log(`\n=== ${layer.name} ===`);
    const begin = performance.now();
    const counts = await runLayer(layer);
    rows.push({ layer: layer.name, ...counts, seconds: Math.round((performance.now() - begin) / 1000) });
  }

  console.log('\n=== all layers ===');
  for (const row of rows) {
    console.log(`${row.failed === 0 ? 'ok    ' : 'FAILED'} ${row.layer.padEnd(12)} ${totalLine(row)} (${row.seconds} s)`);
  }
  const total = rows.reduce(sum, NONE);
  console.log(`\n${totalLine(total)}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

/**
 * @param {readonly string[]} names
 * @returns {readonly Layer[]}
 */
function choose(names) {
  const unknown = names.find(name => !LAYERS.some(layer => layer.name === name));
  if (unknown !== undefined) {
    throw new SetupError(
      `there is no layer of tests called ${unknown}. There are: ${LAYERS.map(layer => layer.name).join(', ')}.`,
    );
  }
  return names.length === 0 ? LAYERS : LAYERS.filter(layer => names.includes(layer.name));
}

/** @param {import('./layers.js').Tool} tool */
async function ensure(tool) {
  switch (tool) {
    case 'rust':
      await ensureSystemTool('compiler');
      ensureRust();
      return;
    case 'rust-linters':
      return ensureRustLinters();
    case 'schemathesis':
      return ensureSchemathesis();
    case 'chromium':
    case 'firefox':
    case 'curl':
    case 'coturn':
    case 'ip':
    case 'postgres':
    case 'openssl':
      return ensureSystemTool(tool);
  }
}
