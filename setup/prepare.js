import { addon } from './addon.js';
import { withLock } from './lock.js';
import { packages } from './packages.js';
import { page } from './page.js';

/** @typedef {{ what: string, isDone: () => boolean, do: () => Promise<void> }} Step */

/** What a running aqlinks is made of, in the order in which one needs the other. */
export const STEPS = { packages, addon, page };

/** @typedef {keyof typeof STEPS} StepName */

/**
 * Does what is not done yet; milliseconds if all is.
 * @param {readonly StepName[]} names
 */
export async function prepare(names) {
  /** @type {readonly Step[]} */
  const steps = names.map(name => STEPS[name]);
  if (steps.every(step => step.isDone())) return;
  await withLock(async () => {
    for (const step of steps.filter(each => !each.isDone())) {
      console.error(`aqlinks: ${step.what}…`);
      const begin = performance.now();
      await step.do();
      console.error(`aqlinks: done in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    }
  });
}
