import type { Results } from './results.ts';

/** What a release must reach. */
export interface Bar {
  readonly text: string;
  readonly measured: string;
  readonly passed: boolean;
}

const LIMIT_SHARE_IN_A = 0.5;
const JOIN_P50_MS = 60;

/** Those that this run could judge. */
export function judge({ shapes, join }: Results): Bar[] {
  const bars: Bar[] = [];
  const a = shapes.find(({ shape }) => shape === 'A');
  if (a !== undefined) {
    bars.push({
      text: `A: at least ${LIMIT_SHARE_IN_A.toFixed(2)} of the bare limit`,
      measured: a.ratio.toFixed(2),
      passed: a.ratio >= LIMIT_SHARE_IN_A,
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
