import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../src/bars.ts';
import type { ThroughputReport } from '../src/load.ts';
import { coresResult, type Results, shapeResult } from '../src/results.ts';
import { SHAPES } from '../src/shapes.ts';
import { median } from '../src/statistics.ts';
import { table } from '../src/table.ts';

const report = (cpuSeconds: number, packetsLost = 0): ThroughputReport => ({
  seconds: 10,
  packetsSent: 1_000,
  packetsReceived: 100_000 - packetsLost,
  packetsLost,
  packetsRepeated: 0,
  packetsUnverified: 0,
  latencyP50: 1.5,
  latencyP99: 3,
  cpu: { process: cpuSeconds, threads: { node: cpuSeconds / 5, 'aqlinks-media-0': (cpuSeconds * 4) / 5 } },
  rss: 50e6,
  loadCpuShare: 0.1,
});

function results(serverSeconds: readonly number[], joinP50: number, lost = 0): Results {
  const rounds = serverSeconds.map(seconds => ({ limit: report(0.1), server: report(seconds, lost) }));
  return {
    machine: { cpu: 'a processor', cores: 2, kernel: '6', node: '24', at: '2026-01-01T00:00:00Z' },
    shapes: [shapeResult(SHAPES.A, rounds)],
    join: { joins: 50, p50: joinP50, p95: 40, max: 50, connectedP50: 10 },
    idle: { cpuShare: 0.001, rss: 40e6 },
    rounds: { A: rounds },
  };
}

test('the median is the middle', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.throws(() => median([]), RangeError);
});

test('ratios are taken round by round and their median counts', () => {
  const [a] = results([0.2, 0.1, 0.4], 20).shapes;
  assert.equal(a?.ratio, 0.5);
  assert.deepEqual(a?.spread, { min: 0.25, max: 1 });
  assert.equal(a?.limit, 1_000_000);
  assert.equal(a?.server, 500_000);
  assert.equal(Math.round(a?.mediaThread ?? 0), 625_000);
});

test('each bar passes at its mark and fails beyond it', () => {
  const verdicts = (given: Results) => judge(given).map(({ passed }) => passed);
  assert.deepEqual(verdicts(results([0.15], 59.9)), [true, true, true]);
  assert.deepEqual(verdicts(results([0.16], 60)), [false, false, true]);
  assert.deepEqual(verdicts(results([0.1], 20, 1)), [true, true, false]);
  assert.deepEqual(verdicts(results([0.1], 20, -1)), [true, true, false], 'more than was sent is wrong too');
});

test('a second worker is worth what the busier of the two has left to do', () => {
  const on = (threads: Record<string, number>) => ({ ...report(1), cpu: { process: 1, threads } });
  const one = on({ 'aqlinks-media-0': 0.4, node: 3 });
  const two = on({ 'aqlinks-media-0': 0.21, 'aqlinks-media-1': 0.2, node: 3 });
  assert.equal(coresResult([{ one, two }]).ratio.toFixed(2), (0.4 / 0.21).toFixed(2));
});

test('rounds on a busy machine are told', () => {
  const late = { ...report(0.1), latencyP99: 100 };
  const round = (limit: ThroughputReport) => ({ limit, server: report(0.1) });
  const result = shapeResult(SHAPES.B, [round(report(0.1)), round(late), round(report(0.1, 5))]);
  assert.equal(result.disturbed, 2);
  const given = { ...results([0.1], 20), shapes: [result] };
  assert.match(table(given, []), /B: disturbed in 2 of the rounds/);
});

test('what was not measured is not judged', () => {
  const { join: _, ...rest } = results([0.1], 20);
  assert.deepEqual(judge({ ...rest, shapes: [] }), []);
});

test('the table names every figure and every verdict', () => {
  const given = results([0.25, 0.25, 0.25], 20);
  const text = table(given, judge(given));
  for (const part of ['1,000,000', '400,000', '500,000', '0.40', '1.5 / 3.0', 'FAIL  A: at least 0.65', 'PASS  join', '40 MB']) {
    assert.ok(text.includes(part), `${part} in\n${text}`);
  }
});
