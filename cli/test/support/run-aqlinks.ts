import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const GENERATE = fileURLToPath(new URL('../../../generate-token.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An empty folder to run in, gone after the test. */
export function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'aqlinks-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Place {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `aqlinks ARGS` to its end. */
export const runAqlinks = (args: readonly string[], place: Place) => run([MAIN, ...args], place);

/** Runs `node generate-token.js ARGS` to its end. */
export const runGenerateToken = (args: readonly string[], place: Place) => run([GENERATE, ...args], place);

/** `aqlinks start`, still running; ended with the test. */
export function startAqlinks(t: TestContext, args: readonly string[], place: Place): Started {
  const started = new Started(spawnNode([MAIN, 'start', ...args], place));
  t.after(() => started.child.kill('SIGKILL'));
  return started;
}

export class Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #arrived = Promise.withResolvers<void>();

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on('data', chunk => {
      this.#stdout += chunk;
      this.#arrived.resolve();
    });
    this.ended = collect(child);
    void this.ended.then(() => this.#arrived.resolve());
  }

  /** The first match in what it prints; rejects where it ends before. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#stdout);
      if (match !== null) return match;
      if (this.child.exitCode !== null) throw new Error(`It ended with ${this.child.exitCode}: ${(await this.ended).stderr}`);
      this.#arrived = Promise.withResolvers();
      await this.#arrived.promise;
    }
  }
}

async function run(args: readonly string[], place: Place): Promise<Ended> {
  return collect(spawnNode(args, place));
}

function spawnNode(args: readonly string[], { folder, env = {} }: Place): ChildProcess {
  const { PATH = '', HOME = '' } = process.env; // nothing of the tester's own settings
  return spawn(process.execPath, args, { cwd: folder, env: { PATH, HOME, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function collect(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', chunk => {
    stdout += chunk;
  });
  child.stderr?.on('data', chunk => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
