import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { PLATFORMS } from '../../platforms.js';
import { FILES, read } from '../tree.js';

const WORKFLOWS = FILES.filter(path => path.startsWith('.github/workflows/'));

/** @typedef {{ uses?: string, run?: string }} Step */
/** @typedef {{ 'runs-on': string, steps: Step[], needs?: string[], strategy?: { matrix: Record<string, unknown> } }} Job */

for (const path of WORKFLOWS) {
  test(`${path} is a workflow: triggers, least rights, jobs whose steps do something and whose needs exist`, () => {
    /** @type {{ name: string, on: unknown, permissions: unknown, jobs: Record<string, Job> }} */
    const workflow = parse(read(path), { strict: true, uniqueKeys: true });
    assert.ok(workflow.name && workflow.on);
    assert.deepEqual(workflow.permissions, { contents: 'read' });
    for (const [name, job] of Object.entries(workflow.jobs)) {
      assert.ok(job['runs-on'], `${name} has no runner`);
      assert.ok(job.steps.length > 0, `${name} has no steps`);
      for (const step of job.steps)
        assert.equal(Number('uses' in step) + Number('run' in step), 1, `${name}: ${JSON.stringify(step)}`);
      for (const { uses } of job.steps) assert.match(uses ?? 'a/b@v1', /^[\w-]+\/[\w-]+@v\d+$/);
      for (const needed of job.needs ?? []) assert.ok(needed in workflow.jobs, `${name} needs ${needed}`);
    }
  });
}

test('the release builds every platform that the packages name', () => {
  const { jobs } = parse(read('.github/workflows/release.yml'));
  const built = jobs.addon.strategy.matrix.include.map((/** @type {{ platform: string }} */ { platform }) => platform);
  assert.deepEqual(built.toSorted(), PLATFORMS.map(({ name }) => name).toSorted());
});

test('CI runs what the README says', () => {
  const { jobs } = parse(read('.github/workflows/ci.yml'));
  assert.ok(jobs.test.steps.some((/** @type {Step} */ { run }) => run === '.ci/run'));
  assert.match(read('.ci/run'), /npm test/);
});
