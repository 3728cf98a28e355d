import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { inRoot, ROOT } from '../paths.js';

/** Every file of the project that is not ignored, relative to the root and with slashes; new ones count before they are committed. */
export const FILES = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\0')
  .filter(path => path !== '' && existsSync(inRoot(path)));

/** @param {string} path */
export const read = path => readFileSync(inRoot(path), 'utf8');

/** @param {string} path */
export const isTest = path => /(^|\/)(test|tests|benches)\//.test(path);

/** @param {string} path */
export const isTypeScript = path => /\.tsx?$/.test(path);

/** @param {string} path */
export const isRust = path => path.endsWith('.rs');

/** Files that hold text. @param {string} path */
export const isText = path => !/\.(png|jpe?g|gif|ico|woff2?|webm|ivf|opus|node)$/.test(path);

/** A Rust file without its unit tests, which stand at its end. @param {string} path */
export const withoutUnitTests = path => read(path).split(/^#\[cfg\(test\)\]$/m, 1)[0] ?? '';

/**
 * Lines that match, as `path:line: text`, for messages that can be clicked.
 * @param {readonly string[]} paths
 * @param {RegExp} pattern without the flag g
 * @param {(path: string) => string} [textOf]
 */
export function linesMatching(paths, pattern, textOf = read) {
  return paths.flatMap(path =>
    textOf(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
}
