import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot, STATE } from './paths.js';

/** Folders that no build reads. */
const NOT_SOURCES = new Set(['node_modules', 'target', 'dist', 'test', 'tests', 'proptest-regressions']);

/**
 * One hash over the names and contents of files; folders are walked. Takes milliseconds for all sources of this repository.
 * @param {readonly string[]} paths relative to the root; those that do not exist are left out
 */
export function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesUnder).sort())
    hash
      .update(`${path}\0`)
      .update(readFileSync(inRoot(path)))
      .update('\0');
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(path) {
  if (!existsSync(inRoot(path))) return [];
  try {
    const entries = readdirSync(inRoot(path), { withFileTypes: true });
    return entries.filter(entry => !NOT_SOURCES.has(entry.name)).flatMap(entry => filesUnder(join(path, entry.name)));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return [path];
    throw error;
  }
}

/**
 * Whether the step called `name` was last done for exactly these sources.
 * @param {string} name
 * @param {string} hash
 */
export function isStamped(name, hash) {
  const file = join(STATE, name);
  return existsSync(file) && readFileSync(file, 'utf8') === hash;
}

/**
 * @param {string} name
 * @param {string} hash
 */
export function stamp(name, hash) {
  mkdirSync(STATE, { recursive: true });
  writeFileSync(join(STATE, name), hash);
}
