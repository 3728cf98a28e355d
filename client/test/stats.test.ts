import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { callStats } from '../src/stats/stats.ts';

/** As Chromium reports it, cut to what is read. */
const REPORT = [
  { id: 'P1', type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.012, availableOutgoingBitrate: 900_000 },
  { id: 'P2', type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 },
  { id: 'C1', type: 'codec', mimeType: 'video/VP8' },
  {
    id: 'O1',
    type: 'outbound-rtp',
    kind: 'video',
    mid: '0',
    codecId: 'C1',
    remoteId: 'R1',
    packetsSent: 7,
    bytesSent: 70,
    framesEncoded: 3,
    frameWidth: 640,
    frameHeight: 360,
  },
  { id: 'R1', type: 'remote-inbound-rtp', packetsLost: 2 },
  {
    id: 'I1',
    type: 'inbound-rtp',
    kind: 'audio',
    mid: '3',
    packetsReceived: 5,
    bytesReceived: 50,
    packetsLost: 1,
    jitter: 0.004,
  },
];

test('a report of the browser becomes one line for each track and direction', async () => {
  const stats = await callStats({
    getStats: async () => new Map(REPORT.map(entry => [entry.id, entry])) as unknown as RTCStatsReport,
  });
  assert.equal(stats.roundTripTime, 0.012);
  assert.equal(stats.availableUp, 900_000);
  const [up, down] = stats.tracks;
  assert.deepEqual(
    [up?.direction, up?.mid, up?.codec, up?.packets, up?.bytes, up?.packetsLost, up?.frames, up?.width, up?.height],
    ['up', '0', 'video/VP8', 7, 70, 2, 3, 640, 360],
  );
  assert.deepEqual(
    [down?.direction, down?.mid, down?.codec, down?.packets, down?.packetsLost, down?.jitter, down?.frames],
    ['down', '3', undefined, 5, 1, 0.004, undefined],
  );
});

test('a browser that reports little gives little, not an error', async () => {
  const stats = await callStats({ getStats: async () => new Map() as unknown as RTCStatsReport });
  assert.deepEqual(stats, { roundTripTime: undefined, availableUp: undefined, tracks: [] });
});
