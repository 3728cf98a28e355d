import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot, STATE } from './paths.js';
import { outputOf, runOrFail } from './run.js';
import { isStamped, stamp } from './stamp.js';
import { ensureSystemTool } from './tools.js';

// https://schemathesis.readthedocs.io: requests made up from the OpenAPI document. In an environment of Python of its own, every
// package of it pinned.

const FOLDER = join(STATE, 'schemathesis');
const PINNED = inRoot('setup', 'schemathesis.txt');

/** The program. */
export const SCHEMATHESIS = join(FOLDER, 'bin', 'schemathesis');

/** Installs it where it is not, or is another version. */
export async function ensureSchemathesis() {
  const wanted = readFileSync(PINNED, 'utf8');
  if (isStamped('schemathesis-version', wanted) && outputOf(SCHEMATHESIS, ['--version']) !== undefined) return;
  await ensureSystemTool('python');
  console.error('aqlinks: installing schemathesis (half a minute)…');
  await runOrFail('python3', ['-m', 'venv', '--clear', FOLDER]);
  await runOrFail(join(FOLDER, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', '--requirement', PINNED]);
  stamp('schemathesis-version', wanted);
}
