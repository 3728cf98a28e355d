import { existsSync } from 'node:fs';
import { inRoot } from './paths.js';
import { SetupError } from './setup-error.js';

/** The oldest Node that runs our TypeScript as it stands and has what the server uses. */
const OLDEST = 24;

/** The Node that runs aqlinks: this one where it is new enough, else the one that came as an npm package. */
export function findNode() {
  const [major = '0'] = process.versions.node.split('.');
  if (Number(major) >= OLDEST && existsSync(process.execPath)) return process.execPath;
  const packaged = inRoot('node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(packaged)) return packaged;
  throw new SetupError(
    `aqlinks needs Node ${OLDEST} or newer; this is ${process.versions.node}, and there is no packaged one for ${process.platform}-${process.arch}. Get it from:`,
    'https://nodejs.org/en/download',
  );
}
