import { start } from './child.ts';
import type { Shape } from './shapes.ts';

/** Seconds of CPU, of a whole process and of its threads by name. */
export interface Cpu {
  readonly process: number;
  readonly threads: Readonly<Record<string, number>>;
}

/** As the load generator reports it (bench/load/src/throughput.rs). Latencies in milliseconds, memory in bytes. */
export interface ThroughputReport {
  readonly seconds: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly packetsRepeated: number;
  readonly packetsUnverified: number;
  readonly latencyP50: number | null;
  readonly latencyP99: number | null;
  readonly cpu: Cpu;
  readonly rss: number;
  readonly loadCpuShare: number;
}

/** Milliseconds. */
export interface JoinReport {
  readonly joins: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  readonly connectedP50: number;
}

export interface IdleReport {
  readonly seconds: number;
  readonly cpu: Cpu;
  readonly rss: number;
}

/** What forwards, and how clients get to it. */
export type Target =
  | { readonly type: 'limit'; readonly pid: number; readonly address: string }
  | { readonly type: 'server'; readonly pid: number; readonly url: string; readonly secret: string };

export interface LoadGenerator {
  readonly binary: string;
  readonly core: number;
}

export interface ThroughputOptions {
  readonly seconds: number;
  readonly gro: boolean;
}

export async function throughput(generator: LoadGenerator, target: Target, shape: Shape, options: ThroughputOptions) {
  const args = [
    'throughput',
    ...(target.type === 'limit' ? ['--limit', target.address] : ['--url', target.url]),
    ...['--watch', String(target.pid), '--seconds', String(options.seconds)],
    ...['--publishers', String(shape.publishers), '--viewers', String(shape.viewers), '--kind', shape.kind],
    ...['--fps', String(shape.framesPerSecond), '--packets', String(shape.packetsPerFrame), '--payload', String(shape.payload)],
    ...(options.gro ? ['--gro'] : []),
  ];
  return (await run(generator, args, target, options.seconds + 120)) as ThroughputReport;
}

export async function join(generator: LoadGenerator, target: Extract<Target, { type: 'server' }>, joins: number) {
  const args = ['join', '--url', target.url, '--joins', String(joins)];
  return (await run(generator, args, target, 60 + joins * 2)) as JoinReport;
}

export async function idle(generator: LoadGenerator, target: Target, seconds: number) {
  const args = ['idle', '--watch', String(target.pid), '--warm-up', '3', '--seconds', String(seconds)]; // started and settled
  return (await run(generator, args, target, seconds + 30)) as IdleReport;
}

async function run({ binary, core }: LoadGenerator, args: readonly string[], target: Target, seconds: number): Promise<unknown> {
  const env = { ...process.env, ...(target.type === 'server' ? { JWT_SECRET: target.secret } : {}) };
  return JSON.parse(await start({ command: binary, args, core, env }).output(seconds));
}
