import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { STATE } from './paths.js';

const FILE = join(STATE, 'lock');
const POLL_MS = 300;

/**
 * Only one set-up at a time works on the tree; a second one waits. A lock whose process is gone is taken over.
 * @template T
 * @param {() => Promise<T>} work
 * @param {string} [file]
 * @returns {Promise<T>}
 */
export async function withLock(work, file = FILE) {
  mkdirSync(STATE, { recursive: true });
  let told = false;
  while (!take(file)) {
    if (!told) console.error('aqlinks: another set-up works on this folder; waiting for it…');
    told = true;
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (holderLives(file)) return false;
    rmSync(file, { force: true });
    return false; // tried again at the next turn: another waiter may have been quicker
  }
}

/** @param {string} file */
function holderLives(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (!Number.isInteger(pid) || pid <= 0) return true; // being written just now
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
