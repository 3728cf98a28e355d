import type { Results } from './results.ts';

/** What a release must reach. */
export interface Bar {
  readonly text: string;
  readonly measured: string;
  readonly passed: boolean;
}

const LIMIT_SHARE = { A: 0.65, B: 0.6, C: 0.6 } as const;
const JOIN_P50_MS = 60;
const SECOND_CORE = 1.8;

/** Those that this run could judge. */
export function judge({ shapes, join, cores }: Results): Bar[] {
  const bars: Bar[] = [];
  for (const { shape, ratio } of shapes) {
    bars.push({
      text: `${shape}: at least ${LIMIT_SHARE[shape].toFixed(2)} of the bare limit`,
      measured: ratio.toFixed(2),
      passed: ratio >= LIMIT_SHARE[shape],
    });
  }
  if (cores !== undefined) {
    bars.push({
      text: `one room on a second worker: at least ${SECOND_CORE} times the packets`,
      measured: `${cores.ratio.toFixed(2)} times`,
      passed: cores.ratio >= SECOND_CORE,
    });
  }
  if (join !== undefined) {
    bars.push({
      text: `join to first media, p50: below ${JOIN_P50_MS} ms`,
      measured: `${join.p50.toFixed(1)} ms`,
      passed: join.p50 < JOIN_P50_MS,
    });
  }
  if (shapes.length > 0) {
    const lost = shapes.reduce((sum, { packetsLost }) => sum + Math.abs(packetsLost), 0);
    bars.push({ text: 'no packet lost, none twice', measured: String(lost), passed: lost === 0 });
  }
  return bars;
}
