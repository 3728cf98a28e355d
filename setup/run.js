import { spawn, spawnSync } from 'node:child_process';
import { ROOT, toolEnvironment } from './paths.js';
import { SetupError } from './setup-error.js';

/** @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv }} RunOptions */

/**
 * Runs a command with its output on our stderr.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<number>} its exit code; 1 if a signal ended it
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: toolEnvironment(),
      ...options,
      stdio: ['ignore', process.stderr, process.stderr], // stdout is for results
    });
    child.on('error', reject);
    child.on('close', code => resolve(code ?? 1));
  });
}

/**
 * As `run`, but a failure is an error that names the command to try by hand.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export async function runOrFail(command, args, options = {}) {
  const shown = [command, ...args].join(' ');
  const code = await run(command, args, options).catch(error => {
    throw new SetupError(`could not start \`${shown}\`: ${error.message}`);
  });
  if (code !== 0)
    throw new SetupError(`this command failed (exit code ${code}); see its output above. To try again by hand:`, shown);
}

/**
 * What a command prints, or undefined if there is no such command or it fails.
 * @param {string} command
 * @param {readonly string[]} args
 */
export function outputOf(command, args) {
  const { status, stdout } = spawnSync(command, args, { cwd: ROOT, env: toolEnvironment(), encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
