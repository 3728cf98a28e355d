import type { IdleReport, JoinReport, ThroughputReport } from './load.ts';
import type { Shape, ShapeName } from './shapes.ts';
import { median, range } from './statistics.ts';

/** Limit and server, one after the other on the same machine: only their ratio means anything. */
export interface Round {
  readonly limit: ThroughputReport;
  readonly limitWithoutGso?: ThroughputReport;
  readonly server: ThroughputReport;
}

/** Medians of the rounds. Packets per second of CPU, milliseconds, bytes. */
export interface ShapeResult {
  readonly shape: ShapeName;
  readonly text: string;
  readonly limit: number;
  readonly limitWithoutGso?: number;
  readonly server: number; // of the whole process
  readonly mediaThread: number; // of its media thread alone
  readonly ratio: number; // of server to limit, round by round
  readonly spread: { readonly min: number; readonly max: number }; // of the ratio
  readonly packetsLost: number; // of all rounds
  readonly latencyP50: number;
  readonly latencyP99: number;
  readonly rss: number;
  readonly loadCpuShare: number; // the highest of all rounds
  readonly disturbed: number; // rounds in which the limit itself was slow: something else ran on its core
}

export interface Results {
  readonly machine: Machine;
  readonly shapes: readonly ShapeResult[];
  readonly join?: JoinReport;
  readonly cores?: CoresResult;
  readonly idle: { readonly cpuShare: number; readonly rss: number }; // nobody connected
  readonly rounds: Readonly<Partial<Record<ShapeName, readonly Round[]>>>;
}

/** One room on one media worker and on two. Medians of the rounds, packets per second of CPU of the busiest worker. */
export interface CoresResult {
  readonly one: number;
  readonly two: number;
  readonly ratio: number;
  readonly spread: { readonly min: number; readonly max: number };
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
  readonly at: string; // ISO 8601
}

/** The limit delivers in a few milliseconds. Much later means that it had to wait for its core, and frames that pile up are cheap. */
const UNDISTURBED_P99_MS = 15;
const isDisturbed = ({ limit }: Round) =>
  limit.packetsLost !== 0 || (limit.latencyP99 ?? Number.POSITIVE_INFINITY) > UNDISTURBED_P99_MS;

const perCpuSecond = ({ packetsReceived, cpu }: ThroughputReport) => packetsReceived / cpu.process;

/** The media plane names its threads `aqlinks-media-N` (bounded to 15 characters by the kernel). */
export function mediaThreadSeconds({ threads }: ThroughputReport['cpu']): number {
  const times = Object.entries(threads).filter(([name]) => name.startsWith('aqlinks-media'));
  return times.reduce((sum, [, seconds]) => sum + seconds, 0);
}

/** Of the busiest: when its core is full, the room has no more to gain. */
function busiestSeconds({ threads }: ThroughputReport['cpu']): number {
  return Math.max(...Object.entries(threads).flatMap(([name, seconds]) => (name.startsWith('aqlinks-media') ? [seconds] : [])));
}

export function coresResult(rounds: readonly { readonly one: ThroughputReport; readonly two: ThroughputReport }[]): CoresResult {
  const of = ({ packetsReceived, cpu }: ThroughputReport) => packetsReceived / busiestSeconds(cpu);
  const ratios = rounds.map(({ one, two }) => of(two) / of(one));
  return {
    one: median(rounds.map(({ one }) => of(one))),
    two: median(rounds.map(({ two }) => of(two))),
    ratio: median(ratios),
    spread: range(ratios),
  };
}

export function shapeResult(shape: Shape, rounds: readonly Round[]): ShapeResult {
  const of = (value: (round: Round) => number) => median(rounds.map(value));
  const ratios = rounds.map(({ limit, server }) => perCpuSecond(server) / perCpuSecond(limit));
  const withoutGso = rounds.flatMap(({ limitWithoutGso }) =>
    limitWithoutGso === undefined ? [] : [perCpuSecond(limitWithoutGso)],
  );
  return {
    shape: shape.name,
    text: shape.text,
    limit: of(({ limit }) => perCpuSecond(limit)),
    ...(withoutGso.length === 0 ? {} : { limitWithoutGso: median(withoutGso) }),
    server: of(({ server }) => perCpuSecond(server)),
    mediaThread: of(({ server }) => server.packetsReceived / mediaThreadSeconds(server.cpu)),
    ratio: median(ratios),
    spread: range(ratios),
    packetsLost: rounds.reduce((sum, { server }) => sum + server.packetsLost, 0),
    latencyP50: of(({ server }) => server.latencyP50 ?? Number.NaN),
    latencyP99: of(({ server }) => server.latencyP99 ?? Number.NaN),
    rss: of(({ server }) => server.rss),
    disturbed: rounds.filter(isDisturbed).length,
    loadCpuShare: Math.max(...rounds.flatMap(({ limit, server }) => [limit.loadCpuShare, server.loadCpuShare])),
  };
}

export const idleResult = ({ seconds, cpu, rss }: IdleReport) => ({ cpuShare: cpu.process / seconds, rss });
