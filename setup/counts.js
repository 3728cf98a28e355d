/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @type {Counts} */
export const NONE = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {Counts} a
 * @param {Counts} b
 * @returns {Counts}
 */
export const sum = (a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped });

/**
 * Of all `test result:` lines that cargo test printed.
 * @param {string} output
 */
export function cargoCounts(output) {
  let counts = NONE;
  for (const [, passed, failed, skipped] of output.matchAll(/^test result: \S+ (\d+) passed; (\d+) failed; (\d+) ignored/gm)) {
    counts = sum(counts, { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) });
  }
  return counts;
}

/**
 * A layer's result: what failed without a failing test of its own (a build, a time-out, a crash) counts as one, and so does a
 * layer in which no test ran.
 * @param {Counts} counts
 * @param {boolean} succeeded
 */
export function judge(counts, succeeded) {
  const ranNothing = counts.passed + counts.failed === 0;
  return counts.failed === 0 && (ranNothing || !succeeded) ? { ...counts, failed: 1 } : counts;
}

/**
 * The last line of `npm test`.
 * @param {Counts} counts
 */
export const totalLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
