import type { Bar } from './bars.ts';
import type { Results, ShapeResult } from './results.ts';

const thousands = (value: number) => Math.round(value).toLocaleString('en-US');
const ms = (value: number) => value.toFixed(1);
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);

const COLUMNS: readonly (readonly [heading: string, cell: (result: ShapeResult) => string])[] = [
  ['shape', result => result.shape],
  ['limit pkt/CPU-s', result => thousands(result.limit)],
  ['server pkt/CPU-s', result => thousands(result.server)],
  ['media thread', result => thousands(result.mediaThread)],
  ['ratio', result => result.ratio.toFixed(2)],
  ['spread', ({ spread }) => `${spread.min.toFixed(2)}–${spread.max.toFixed(2)}`],
  ['lost', result => thousands(result.packetsLost)],
  ['latency p50/p99 ms', result => `${ms(result.latencyP50)} / ${ms(result.latencyP99)}`],
  ['RSS MB', result => megabytes(result.rss)],
];

/** For people. */
export function table({ machine, shapes, join, cores, idle }: Results, bars: readonly Bar[]): string {
  const withoutGso = shapes.filter(({ limitWithoutGso }) => limitWithoutGso !== undefined);
  return [
    `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}`,
    '',
    ...columns([COLUMNS.map(([heading]) => heading), ...shapes.map(result => COLUMNS.map(([, cell]) => cell(result)))]),
    '',
    ...shapes.map(({ shape, text }) => `${shape}: ${text}`),
    ...withoutGso.map(
      ({ shape, limitWithoutGso }) => `${shape}: the limit with one packet a send: ${thousands(limitWithoutGso ?? 0)}`,
    ),
    ...(join === undefined
      ? []
      : [
          `join to first media: p50 ${ms(join.p50)} ms, p95 ${ms(join.p95)} ms, of which connecting p50 ${ms(join.connectedP50)} ms (${join.joins} joins)`,
        ]),
    ...(cores === undefined
      ? []
      : [
          `one room: ${thousands(cores.one)} packets per CPU-second of its worker; on two workers ${thousands(cores.two)} of the busier one (${cores.ratio.toFixed(2)} times, ${cores.spread.min.toFixed(2)}–${cores.spread.max.toFixed(2)})`,
        ]),
    ...shapes
      .filter(({ disturbed }) => disturbed > 0)
      .map(
        ({ shape, disturbed }) =>
          `${shape}: disturbed in ${disturbed} of the rounds; run it again while the machine does nothing else`,
      ),
    `idle: ${(100 * idle.cpuShare).toFixed(2)} % of a core, ${megabytes(idle.rss)} MB`,
    '',
    ...bars.map(({ text, measured, passed }) => `${passed ? 'PASS' : 'FAIL'}  ${text}: ${measured}`),
  ].join('\n');
}

/** As wide as their widest cell, numbers to the right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  return rows.map(row => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '));
}
