import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { inRoot } from './paths.js';
import { runOrFail } from './run.js';

/**
 * @typedef {{ version?: string, link?: boolean, optional?: boolean, peer?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockEntry
 * @typedef {{ packages: Record<string, LockEntry> }} LockFile
 */

const STAMP = inRoot('node_modules', '.aqlinks-lock-hash'); // inside, so that it goes with what it speaks of

/** The npm packages, exactly as package-lock.json has them. */
export const packages = {
  what: 'installing npm packages (about half a minute the first time)',
  isDone() {
    const lock = readFileSync(inRoot('package-lock.json'), 'utf8');
    if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash(lock)) return true;
    // Somebody may have run `npm install` by hand: npm's own record of what it put there tells.
    const record = inRoot('node_modules', '.package-lock.json');
    return existsSync(record) && satisfies(JSON.parse(lock), JSON.parse(readFileSync(record, 'utf8')));
  },
  async do() {
    const lock = readFileSync(inRoot('package-lock.json'), 'utf8');
    // Not with the Node in node_modules, which npm may be about to replace.
    const path = (process.env.PATH ?? '').split(delimiter).filter(folder => !folder.includes('node_modules'));
    // `npm ci` empties node_modules first: not under the feet of a server that runs from this folder.
    const install = existsSync(inRoot('node_modules')) ? ['install', '--no-save'] : ['ci'];
    const env = { ...process.env, PATH: path.join(delimiter) };
    await runOrFail('npm', [...install, '--no-audit', '--no-fund', '--loglevel=error'], { env });
    writeFileSync(STAMP, hash(lock));
  },
};

/** @param {string} text */
const hash = text => createHash('sha256').update(text).digest('hex');

/**
 * Whether everything in the lock file that belongs on this platform is installed in its version.
 * @param {LockFile} lock
 * @param {LockFile} installed
 */
export function satisfies(lock, installed) {
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (!path.includes('node_modules/')) return true; // the root and the workspaces themselves
    const found = installed.packages[path];
    if (found !== undefined) return found.version === wanted.version;
    return wanted.optional === true && !isForThisPlatform(wanted);
  });
}

/** @param {LockEntry} entry */
function isForThisPlatform({ os, cpu, libc }) {
  if (libc !== undefined) return false; // only npm knows which C library this is
  return (os?.includes(process.platform) ?? true) && (cpu?.includes(process.arch) ?? true);
}
