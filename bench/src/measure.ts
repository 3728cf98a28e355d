import { cpus, release } from 'node:os';
import type { Binaries } from './build.ts';
import { LOAD_CORE, withLimit, withServer } from './forwarders.ts';
import { idle, join, type LoadGenerator, type ThroughputReport, throughput } from './load.ts';
import type { Options } from './options.ts';
import { type CoresResult, coresResult, idleResult, type Machine, type Results, type Round, shapeResult } from './results.ts';
import { SHAPES, type Shape, type ShapeName } from './shapes.ts';

const IDLE_SECONDS = 5;

export interface Surroundings {
  readonly root: string; // of the repository
  readonly binaries: Binaries;
  readonly progress: (line: string) => void;
}

/** Everything that the options ask for, limit and server in turn. */
export async function measure(options: Options, surroundings: Surroundings): Promise<Results> {
  const { root, binaries, progress } = surroundings;
  const generator: LoadGenerator = { binary: binaries.load, core: LOAD_CORE };
  progress('idle');
  const idleReport = await withServer(root, server => idle(generator, server, IDLE_SECONDS));
  const rounds = new Map<ShapeName, Round[]>();
  for (let number = 1; number <= options.rounds; number++) {
    for (const name of options.shapes) {
      const round = await measureRound(SHAPES[name], options, surroundings, generator);
      rounds.set(name, [...(rounds.get(name) ?? []), round]);
      progress(`${name} ${number}/${options.rounds}  limit ${rate(round.limit)}  server ${rate(round.server)}`);
    }
  }
  if (options.joins > 0) progress(`${options.joins} joins`);
  const joined = options.joins > 0 ? await withServer(root, server => join(generator, server, options.joins)) : undefined;
  const cores = options.cores ? await measureCores(options, surroundings, generator) : undefined;
  return {
    machine: machine(),
    shapes: [...rounds].map(([name, of]) => shapeResult(SHAPES[name], of)),
    ...(joined === undefined ? {} : { join: joined }),
    ...(cores === undefined ? {} : { cores }),
    idle: idleResult(idleReport),
    rounds: Object.fromEntries(rounds),
  };
}

/** All workers share the server's core here: what counts is the CPU time of each, which a core of its own would give it. */
async function measureCores(options: Options, { root, progress }: Surroundings, generator: LoadGenerator): Promise<CoresResult> {
  const rounds = [];
  for (let number = 1; number <= options.rounds; number++) {
    const on = (workers: number) => withServer(root, target => throughput(generator, target, SHAPES.A, options), workers);
    rounds.push({ one: await on(1), two: await on(2) });
    progress(`one room on two workers ${number}/${options.rounds}  ${coresResult(rounds).ratio.toFixed(2)}`);
  }
  return coresResult(rounds);
}

async function measureRound(
  shape: Shape,
  options: Options,
  surroundings: Surroundings,
  generator: LoadGenerator,
): Promise<Round> {
  const { root, binaries } = surroundings;
  const ofLimit = (gso: boolean) => withLimit(binaries.limit, { gso }, limit => throughput(generator, limit, shape, options));
  const limit = await ofLimit(true);
  const limitWithoutGso = options.noGso ? { limitWithoutGso: await ofLimit(false) } : {};
  const server = await withServer(root, target => throughput(generator, target, shape, options));
  return { limit, ...limitWithoutGso, server };
}

const rate = ({ packetsReceived, packetsLost, cpu }: ThroughputReport) =>
  `${Math.round(packetsReceived / cpu.process).toLocaleString('en-US')}${packetsLost === 0 ? '' : ` (${packetsLost} lost)`}`;

function machine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    kernel: release(),
    node: process.versions.node,
    at: new Date().toISOString(),
  };
}
