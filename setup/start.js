import { readFileSync } from 'node:fs';
import { handOver } from './hand-over.js';
import { inRoot } from './paths.js';
import { prepare } from './prepare.js';
import { fail } from './setup-error.js';

// npm start [-- OPTIONS]: set up what is not set up yet, then serve.
try {
  await prepare(['packages', 'addon', 'page']);
  const { bin } = JSON.parse(readFileSync(inRoot('cli', 'package.json'), 'utf8'));
  handOver(inRoot('cli', bin.aqlinks), ['start', ...process.argv.slice(2)]);
} catch (error) {
  fail(error);
}
