import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { judge } from './bars.ts';
import { build } from './build.ts';
import { measure } from './measure.ts';
import { HELP, readOptions, UsageError } from './options.ts';
import { measurePlatform, platformTable } from './platform.ts';
import { table } from './table.ts';

// npm run bench: measures the server beside the bare limit and prints what came out.

const root = fileURLToPath(new URL('../..', import.meta.url));
const PLATFORM_SECONDS = 5; // at most
const PLATFORM_JOINS = 400;

const progress = (line: string) => process.stderr.write(`bench: ${line}\n`);

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === undefined) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  if (process.platform !== 'linux' || availableParallelism() < 2) {
    throw new Error('The bench needs Linux (it reads /proc and pins with taskset) and at least two cores.');
  }
  progress('building the load generator…');
  const results = await measure(options, { root, binaries: await build(root), progress });
  progress('the platform behind the tokens…');
  const platform = await measurePlatform({ seconds: Math.min(options.seconds, PLATFORM_SECONDS), joins: PLATFORM_JOINS });
  const bars = judge(results);
  (options.json ? process.stderr : process.stdout).write(`\n${table(results, bars)}\n\n${platformTable(platform)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify({ ...results, platform, bars }, null, 2)}\n`);
  return options.check && bars.some(({ passed }) => !passed) ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
