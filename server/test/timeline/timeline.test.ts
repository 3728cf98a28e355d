import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransportStats } from '../../src/media/media-plane.ts';
import type { RoomEvent } from '../../src/session.ts';
import { INTERVAL, KEPT } from '../../src/timeline/samples.ts';
import { Timeline } from '../../src/timeline/timeline.ts';

const where = { project: 'default', room: 'r', session: 's1' };
const alice = { participant: 'p1', userId: 'alice', name: 'Alice', role: 'host' };
const started = (at: number): RoomEvent => ({ ...where, at, type: 'room-started' });
const joined = (at: number, person = alice): RoomEvent => ({ ...where, at, type: 'participant-joined', ...person });

const stats = (given: Partial<TransportStats>): TransportStats => ({
  ...{ transport: 1, packetsReceived: 0, packetsSent: 0, bytesReceived: 0, bytesSent: 0, packetsLost: 0, remotePacketsLost: 0 },
  ...{ nacksReceived: 0, nacksSent: 0, keyFramesRequested: 0, demand: 0, ...given },
});

function running(): Timeline {
  const timeline = new Timeline();
  timeline.roomEvent(started(0));
  timeline.roomEvent(joined(0));
  return timeline;
}

const read = (timeline: Timeline, at: number, given: Partial<TransportStats>, participant = 'p1') =>
  timeline.readings(at, [{ session: 's1', participant, stats: stats(given) }]);

test('a sample is what moved since the last one, as parts and per second', () => {
  const timeline = running();
  read(timeline, 10_000, {
    packetsReceived: 900,
    packetsLost: 100,
    bytesReceived: 1_000_000,
    packetsSent: 500,
    roundTripTime: 0.05,
  });
  read(timeline, 20_000, {
    ...{
      packetsReceived: 1_900,
      packetsLost: 100,
      bytesReceived: 2_250_000,
      packetsSent: 600,
      remotePacketsLost: 10,
      bytesSent: 125_000,
    },
    ...{ estimate: 800_000, demand: 2_000_000, nacksSent: 3, nacksReceived: 7, keyFramesRequested: 2 },
  });
  const samples = timeline.call('default', 's1')?.lines[0]?.samples;
  assert.deepEqual(samples, [
    {
      at: 10_000,
      roundTrip: 50,
      lossUp: 0.1,
      lossDown: 0,
      bitrateUp: 800_000,
      bitrateDown: 0,
      demand: 0,
      nacksUp: 0,
      nacksDown: 0,
      keyFramesAsked: 0,
    },
    {
      ...{ at: 20_000, lossUp: 0, lossDown: 0.1, bitrateUp: 1_000_000, bitrateDown: 100_000, estimate: 800_000 },
      ...{ demand: 2_000_000, nacksUp: 3, nacksDown: 7, keyFramesAsked: 2 },
    },
  ]);
});

test('an hour is kept, of whoever stays and of whoever left, and then nothing', () => {
  const timeline = running();
  timeline.roomEvent(joined(0, { ...alice, participant: 'p2', userId: 'bob' }));
  timeline.roomEvent({
    ...where,
    at: 20_000,
    type: 'participant-left',
    reason: 'left',
    ...alice,
    participant: 'p2',
    userId: 'bob',
  });
  const end = KEPT + 10 * INTERVAL;
  for (let at = INTERVAL; at <= end; at += INTERVAL) read(timeline, at, { demand: at });
  const call = timeline.call('default', 's1');
  assert.deepEqual(
    call?.lines.map(({ participant }) => participant),
    ['p1'],
  );
  const samples = call?.lines[0]?.samples ?? [];
  assert.equal(samples.length, KEPT / INTERVAL);
  assert.deepEqual([samples[0]?.at, samples.at(-1)?.demand], [end - KEPT + INTERVAL, end]);
  assert.deepEqual(call?.events, [], 'they are older than an hour');
  timeline.roomEvent({ ...where, at: end, type: 'room-ended' });
  assert.equal(timeline.call('default', 's1')?.endedAt, end);
  timeline.readings(end + KEPT + 1, []);
  assert.equal(timeline.call('default', 's1'), undefined);
});

test('another project does not see a call, and what is of nobody is ignored', () => {
  const timeline = running();
  read(timeline, 10_000, {}, 'nobody');
  timeline.readings(10_000, [{ session: 'no-call', participant: 'p1', stats: stats({}) }]);
  assert.equal(timeline.call('other', 's1'), undefined);
  assert.deepEqual(timeline.call('default', 's1')?.lines[0]?.samples, []);
});

test('what happens without end does not grow without end', () => {
  const timeline = running();
  for (let at = 1; at <= 50_000; at += 1)
    timeline.qualityEvent({ ...where, at, participant: 'p1', type: 'bandwidth', estimate: at, demand: 1 });
  const events = timeline.call('default', 's1')?.events ?? [];
  assert.ok(events.length >= 10_000 && events.length <= 11_000, String(events.length));
  assert.equal(events.at(-1)?.at, 50_000);
});
