import { findNode } from './node24.js';
import { inRoot } from './paths.js';
import { prepare } from './prepare.js';
import { run } from './run.js';
import { fail } from './setup-error.js';
import { ensureRust } from './tools.js';

// npm run bench: set up what is not set up yet, then measure.
try {
  await prepare(['packages', 'addon']);
  ensureRust();
  process.exitCode = await run(findNode(), [inRoot('bench', 'src', 'run.ts'), ...process.argv.slice(2)]);
} catch (error) {
  fail(error);
}
