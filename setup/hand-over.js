import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { findNode } from './node24.js';
import { toolEnvironment } from './paths.js';
import { fail } from './setup-error.js';

const ORPHAN_CHECK_MS = 250;

/**
 * Runs a script on our Node in place of this process: its output, our signals, its exit code.
 * @param {string} script
 * @param {readonly string[]} args
 */
export function handOver(script, args) {
  const child = spawn(findNode(), [script, ...args], { env: toolEnvironment(), stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    // A terminal sends Ctrl+C to the child as well: told twice, a server would not wait for its participants.
    const hasItAlready = signal === 'SIGINT' && process.stdin.isTTY;
    process.on(signal, () => hasItAlready || child.kill(signal));
  }
  // The shell between npm and us dies of a signal without passing it on: then its orphan must not go on serving.
  const parent = process.ppid;
  const orphaned = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(orphaned);
    child.kill('SIGTERM');
  }, ORPHAN_CHECK_MS);
  child.on('error', fail);
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
}
