import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Our own processes, so that none outlives us. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly core?: number; // absent: wherever
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

export interface Child {
  readonly pid: number;
  /** Its next line on stdout for which `pick` gives something. */
  line<T>(pick: (line: string) => T | undefined, seconds: number): Promise<T>;
  /** Ends it, in order if it can, and resolves once it has. */
  stop(): Promise<void>;
  /** Resolves once it has ended by itself with all that it printed; rejects with its own words if it failed. */
  output(seconds: number): Promise<string>;
}

/** Starts a program on one core (Linux: `taskset`, which becomes the program). */
export function start({ command, args, core, env, cwd }: Program): Child {
  const [file, rest] = core === undefined ? [command, args] : ['taskset', ['-c', String(core), command, ...args]];
  const child = spawn(file, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: env ?? process.env,
    ...(cwd === undefined ? {} : { cwd }),
  });
  running.add(child);
  const lines: string[] = [];
  let failure = '';
  const reader = createInterface({ input: child.stdout });
  reader.on('line', line => lines.push(line));
  child.stderr.on('data', (data: Buffer) => {
    failure = (failure + data.toString()).slice(-4_096);
  });
  child.stdin.on('error', () => {}); // it ended first, which `ended` tells
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', error => {
      running.delete(child);
      reject(new Error(`${file} cannot be started: ${error.message}`));
    });
    child.on('close', code => {
      running.delete(child);
      resolve(code ?? 1);
    });
  });
  ended.catch(() => {}); // told to whoever waits for it
  const said = () => `${command} ended: ${failure.trim() || lines.slice(-5).join('\n') || 'without a word'}`;

  return {
    pid: child.pid ?? 0,
    async line(pick, seconds) {
      const deadline = AbortSignal.timeout(seconds * 1_000);
      for (let at = 0; ; at++) {
        while (at >= lines.length) {
          await Promise.race([once(reader, 'line', { signal: deadline }), ended.then(() => Promise.reject(new Error(said())))]);
        }
        const picked = pick(lines[at] ?? '');
        if (picked !== undefined) return picked;
      }
    },
    async stop() {
      child.stdin.end();
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended.catch(() => {});
      clearTimeout(kill);
    },
    async output(seconds) {
      const kill = setTimeout(() => child.kill('SIGKILL'), seconds * 1_000);
      const code = await ended;
      clearTimeout(kill);
      if (code !== 0) throw new Error(said());
      return lines.join('\n');
    },
  };
}
