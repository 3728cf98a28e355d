import { handOver } from './hand-over.js';
import { inRoot } from './paths.js';
import { prepare } from './prepare.js';
import { fail } from './setup-error.js';
import { ensureRust } from './tools.js';

// npm run bench [-- OPTIONS]: set up what is not set up yet, then measure (bench/README.md).
try {
  await prepare(['packages', 'addon']);
  ensureRust();
  handOver(inRoot('bench', 'src', 'run.ts'), process.argv.slice(2));
} catch (error) {
  fail(error);
}
