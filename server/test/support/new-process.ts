import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('serve-process.ts', import.meta.url));

export interface ServerProcess {
  readonly origin: string;
  /** Without a moment to say goodbye. */
  kill(): Promise<void>;
  /** As a service manager ends it. */
  end(): Promise<void>;
}

/** Killed at the end of the test, if it still runs. */
export async function newProcess(t: TestContext, options: object): Promise<ServerProcess> {
  const child = spawn(process.execPath, [SCRIPT, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const origin = await originOf(child);
  const ended = once(child, 'exit');
  const stop = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  return { origin, kill: () => stop('SIGKILL'), end: () => stop('SIGTERM') };
}

/** Its log comes on stdout as well. */
async function originOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('It has no stdout.');
  for await (const line of createInterface({ input: stdout })) {
    const { origin } = JSON.parse(line) as { origin?: string };
    if (origin === undefined) continue;
    stdout.resume();
    return origin;
  }
  throw new Error('It ended before it was ready.');
}
