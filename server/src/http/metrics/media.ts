import { Counter, Gauge, type Registry } from 'prom-client';
import type { Rooms } from '../../session.ts';

export type CollectStats = Rooms['collectStats'];
type WorkerStats = Awaited<ReturnType<CollectStats>> extends ReadonlyMap<number, infer Stats> ? Stats : never;
type TransportStats = WorkerStats['transports'][number];

type NumericField<T> = { [K in keyof T]: T[K] extends number ? K : never }[keyof T];

/** Counters of a worker since its start: taken over as they are. */
const COUNTERS: readonly (readonly [field: NumericField<WorkerStats>, name: string, help: string])[] = [
  ['datagramsReceived', 'datagrams_received_total', 'UDP datagrams received.'],
  ['datagramsSent', 'datagrams_sent_total', 'UDP datagrams sent.'],
  ['bytesReceived', 'bytes_received_total', 'Bytes of UDP payload received.'],
  ['bytesSent', 'bytes_sent_total', 'Bytes of UDP payload sent.'],
  ['receiveCalls', 'receive_calls_total', 'System calls that received; each may bring many datagrams (GRO).'],
  ['sendCalls', 'send_calls_total', 'System calls that sent; each may take many datagrams (GSO).'],
  ['packetsForwarded', 'packets_forwarded_total', 'RTP packets sent to subscribers, retransmissions not counted.'],
  ['keyFramesRequested', 'key_frames_requested_total', 'Key frames asked of publishers.'],
  ['nacksReceived', 'nacks_received_total', 'Sequence numbers that subscribers asked for again.'],
  ['nacksSent', 'nacks_sent_total', 'Sequence numbers that we asked publishers for again.'],
  ['retransmissionsSent', 'retransmissions_sent_total', 'RTP packets sent again.'],
  ['cpuSeconds', 'cpu_seconds_total', "CPU time of the worker's thread."],
];

/** Sums over the transports that live now: they fall when one ends, so they are gauges. */
const GAUGES: readonly (readonly [name: string, help: string, value: (transports: readonly TransportStats[]) => number])[] = [
  ['transports', 'Transports: one a participant.', transports => transports.length],
  ['packets_lost', 'RTP packets that living publishers sent and we did not get.', sum(transport => transport.packetsLost)],
  ['remote_packets_lost', 'RTP packets that living subscribers report as lost.', sum(transport => transport.remotePacketsLost)],
  [
    'estimate_bits',
    'Bits a second that the paths to living subscribers carry, of those that tell.',
    sum(transport => transport.estimate ?? 0),
  ],
  [
    'demand_bits',
    'Bits a second that would be sent to living subscribers if there were no limit.',
    sum(transport => transport.demand),
  ],
  [
    'limited_transports',
    'Living transports whose path carries less than would be sent to them.',
    sum(({ estimate, demand }) => (estimate !== undefined && estimate < demand ? 1 : 0)),
  ],
  ['round_trip_seconds', 'Mean round trip time of the living transports that know theirs.', meanRoundTrip],
];

function sum(value: (transport: TransportStats) => number) {
  return (transports: readonly TransportStats[]) => transports.reduce((total, transport) => total + value(transport), 0);
}

function meanRoundTrip(transports: readonly TransportStats[]): number {
  const known = transports.flatMap(transport => transport.roundTripTime ?? []);
  return known.length === 0 ? 0 : known.reduce((total, time) => total + time, 0) / known.length;
}

const SNAPSHOT_AGE = 250; // ms for which one question to the workers serves all metrics of a scrape, and all scrapers

/** One label: the worker, by its index. */
export function registerMediaMetrics(registry: Registry, collect: CollectStats): void {
  const snapshot = shared(collect);
  const registers = [registry];
  for (const [field, name, help] of COUNTERS) {
    new Counter({
      name: `aqlinks_media_${name}`,
      help,
      labelNames: ['worker'],
      registers,
      async collect() {
        this.reset();
        for (const [worker, stats] of await snapshot()) this.inc({ worker }, stats[field]);
      },
    });
  }
  for (const [name, help, value] of GAUGES) {
    new Gauge({
      name: `aqlinks_media_${name}`,
      help,
      labelNames: ['worker'],
      registers,
      async collect() {
        this.reset();
        for (const [worker, stats] of await snapshot()) this.set({ worker }, value(stats.transports));
      },
    });
  }
  new Counter({
    name: 'aqlinks_media_dropped_total',
    help: 'Datagrams and packets thrown away, by reason.',
    labelNames: ['worker', 'reason'],
    registers,
    async collect() {
      this.reset();
      for (const [worker, { dropped }] of await snapshot()) {
        for (const [reason, count] of Object.entries(dropped) as [string, number][]) this.inc({ worker, reason }, count);
      }
    },
  });
}

function shared(collect: CollectStats): CollectStats {
  let current: { readonly at: number; readonly stats: ReturnType<CollectStats> } | undefined;
  return () => {
    const at = performance.now();
    if (current === undefined || at - current.at > SNAPSHOT_AGE) current = { at, stats: collect() };
    return current.stats;
  };
}
