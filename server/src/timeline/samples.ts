import type { TransportStats } from '../media/media-plane.ts';

/** ms between two samples. */
export const INTERVAL = 10_000;
/** What is kept of a call. */
export const KEPT = 3_600_000; // ms
const CAPACITY = KEPT / INTERVAL;

/** How one participant's connection did in the seconds before `at`. Absent: not known, or nothing was sent that could be lost. */
export interface Sample {
  readonly at: number; // ms since 1970
  readonly roundTrip?: number; // ms
  readonly lossUp?: number; // 0–1, of what it sent
  readonly lossDown?: number; // 0–1, of what it was sent
  readonly bitrateUp: number; // bits/s
  readonly bitrateDown: number;
  readonly estimate?: number; // bits/s that its path carries
  readonly demand: number; // bits/s that would be sent to it without a limit
  readonly nacksUp: number; // packets that we asked it for again
  readonly nacksDown: number; // packets that it asked for again
  readonly keyFramesAsked: number; // of its videos
}

/** In the order in which a sample lies in memory. */
const ORDER = [
  ...(['at', 'roundTrip', 'lossUp', 'lossDown', 'bitrateUp', 'bitrateDown', 'estimate', 'demand'] as const),
  ...(['nacksUp', 'nacksDown', 'keyFramesAsked'] as const),
];

/** The last hour of one participant: a ring of numbers, some 30 kB. */
export class Samples {
  readonly #ring = new Float64Array(CAPACITY * ORDER.length);
  readonly #began: number;
  #count = 0;
  #last: { readonly at: number; readonly stats: TransportStats } | undefined;

  constructor(now: number) {
    this.#began = now;
  }

  take(at: number, stats: TransportStats): void {
    const before = this.#last ?? { at: this.#began, stats: undefined };
    this.#last = { at, stats };
    const sample = sampleOf(at, (at - before.at) / 1_000, stats, before.stats);
    if (sample === undefined) return;
    const start = (this.#count % CAPACITY) * ORDER.length;
    for (const [index, field] of ORDER.entries()) this.#ring[start + index] = sample[field] ?? Number.NaN;
    this.#count += 1;
  }

  all(): Sample[] {
    const first = Math.max(0, this.#count - CAPACITY);
    return Array.from({ length: this.#count - first }, (_, index) => this.#read((first + index) % CAPACITY));
  }

  #read(slot: number): Sample {
    const values = this.#ring.subarray(slot * ORDER.length, (slot + 1) * ORDER.length);
    const known = ORDER.flatMap((field, index) => (Number.isNaN(values[index]) ? [] : [[field, values[index]]]));
    return Object.fromEntries(known) as unknown as Sample;
  }
}

/** Counters are of the whole connection: what counts is how far they moved. */
function sampleOf(at: number, seconds: number, stats: TransportStats, before: TransportStats | undefined): Sample | undefined {
  if (seconds <= 0) return undefined;
  const moved = (field: Counter) => Math.max(0, stats[field] - (before?.[field] ?? 0));
  const { roundTripTime, estimate, demand } = stats;
  return {
    at,
    ...(roundTripTime === undefined ? {} : { roundTrip: roundTripTime * 1_000 }),
    ...given('lossUp', part(moved('packetsLost'), moved('packetsReceived') + moved('packetsLost'))),
    ...given('lossDown', part(moved('remotePacketsLost'), moved('packetsSent'))),
    bitrateUp: Math.round((moved('bytesReceived') * 8) / seconds),
    bitrateDown: Math.round((moved('bytesSent') * 8) / seconds),
    ...given('estimate', estimate),
    demand,
    nacksUp: moved('nacksSent'),
    nacksDown: moved('nacksReceived'),
    keyFramesAsked: moved('keyFramesRequested'),
  };
}

type Counter = {
  [K in keyof TransportStats]-?: K extends 'transport' | 'roundTripTime' | 'estimate' ? never : K;
}[keyof TransportStats];

const part = (some: number, all: number) => (all === 0 ? undefined : Math.min(1, some / all));
const given = <K extends string>(name: K, value: number | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [P in K]?: number };
