import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cargoCounts, judge, NONE } from './counts.js';
import { findNode } from './node24.js';
import { inRoot, ROOT, toolEnvironment } from './paths.js';

/** @typedef {import('./counts.js').Counts} Counts */
/** @typedef {import('./layers.js').Layer} Layer */

/**
 * Runs the tests of one layer.
 * @param {Layer} layer
 * @param {'inherit' | 'ignore'} [output] where what they print goes
 * @returns {Promise<Counts>}
 */
export function runLayer(layer, output = 'inherit') {
  return layer.files === undefined ? runCargo(layer) : runNode(layer, layer.files, output);
}

/** @param {Layer} layer */
async function runCargo(layer) {
  const { succeeded, output } = await runBounded(
    'cargo',
    ['test', '--workspace', '--no-fail-fast', '--locked'],
    layer.minutes,
    'tee',
  );
  return judge(cargoCounts(output), succeeded);
}

/**
 * @param {Layer} layer
 * @param {readonly string[]} files
 * @param {'inherit' | 'ignore'} output
 */
async function runNode(layer, files, output) {
  const folder = mkdtempSync(join(tmpdir(), 'aqlinks-test-'));
  const counts = join(folder, 'counts.json');
  const reporters = [
    ['--test-reporter=spec', '--test-reporter-destination=stdout'],
    [`--test-reporter=${inRoot('setup', 'count-reporter.js')}`, `--test-reporter-destination=${counts}`],
  ].flat();
  try {
    const args = ['--test', ...reporters, ...(layer.alone ? ['--test-concurrency=1'] : []), ...files];
    const { succeeded } = await runBounded(findNode(), args, layer.minutes, output);
    return judge(readCounts(counts), succeeded);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} file
 * @returns {Counts}
 */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return NONE; // the runner died before it could count
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {number} minutes
 * @param {'inherit' | 'ignore' | 'tee'} stdout
 * @returns {Promise<{ succeeded: boolean, output: string }>}
 */
function runBounded(command, args, minutes, stdout) {
  return new Promise((resolve, reject) => {
    let output = '';
    // A group of its own, so that a time-out ends the tests' servers and browsers as well.
    const child = spawn(command, args, {
      cwd: ROOT,
      env: toolEnvironment(),
      detached: true,
      stdio: ['ignore', stdout === 'tee' ? 'pipe' : stdout, 'inherit'],
    });
    const endGroup = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
    const timer = setTimeout(() => {
      console.error(`\naqlinks: not finished after ${minutes} minutes; ended`);
      endGroup();
    }, minutes * 60_000);
    const interrupted = () => {
      endGroup();
      process.exit(130);
    };
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    child.stdout?.setEncoding('utf8').on('data', chunk => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on('error', reject);
    child.on('close', code => {
      clearTimeout(timer);
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      resolve({ succeeded: code === 0, output });
    });
  });
}
