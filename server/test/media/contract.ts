import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Command, MediaPlane } from '../../src/media/media-plane.ts';
import { Events } from './events.ts';

/** What every media plane does, whatever it is made of. Needs no peer: what only a peer can show is tested with one. */
export function describeMediaPlane(name: string, create: () => MediaPlane | Promise<MediaPlane>): void {
  describe(`media plane: ${name}`, () => {
    it('announces a certificate and where each worker listens', async t => {
      const { plane } = await opened(t, create);
      assert.equal(plane.fingerprint.algorithm, 'sha-256');
      assert.match(plane.fingerprint.value, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
      assert.ok(plane.workers.length > 0);
      for (const { addresses, tcp } of plane.workers) {
        assert.equal(typeof tcp, 'boolean');
        assert.ok(addresses.length > 0);
        for (const { ip, port } of addresses) {
          assert.match(ip, /^[0-9.]+$|^[0-9a-f:.]+$/i);
          assert.ok(port > 0 && port < 65_536);
        }
      }
      const ports = plane.workers.map(({ addresses }) => addresses[0]?.port);
      assert.equal(new Set(ports).size, ports.length);
    });

    it('answers close-transport with one transport-closed', async t => {
      const { plane, events } = await opened(t, create);
      plane.send(0, [open(1), { type: 'close-transport', transport: 1 }, { type: 'close-transport', transport: 1 }]);
      await statsOf(plane, events, 7);
      assert.deepEqual(
        events.all.filter(event => event.type === 'transport-closed'),
        [{ type: 'transport-closed', worker: 0, transport: 1, reason: 'closed' }],
      );
    });

    it('tells nothing within send', async t => {
      const { plane, events } = await opened(t, create);
      plane.send(0, [open(1), { type: 'close-transport', transport: 1 }]);
      assert.deepEqual(events.all, []);
      await events.next('transport-closed');
    });

    it('counts the transports that are open', async t => {
      const { plane, events } = await opened(t, create);
      plane.send(0, [open(1), open(2), connect(2), restart(2), connect(2), open(3)]);
      plane.send(0, [{ type: 'close-transport', transport: 1 }]);
      const stats = await statsOf(plane, events, 1);
      assert.deepEqual(stats.transports.map(({ transport }) => transport).sort(), [2, 3]);
    });

    it('answers every collect-stats with its number', async t => {
      const { plane, events } = await opened(t, create);
      plane.send(0, [
        { type: 'collect-stats', request: 3 },
        { type: 'collect-stats', request: 4 },
      ]);
      assert.equal((await events.next('stats')).request, 3);
      assert.equal((await events.next('stats')).request, 4);
    });

    it('ignores commands that name what is gone', async t => {
      const { plane, events } = await opened(t, create);
      plane.send(0, [open(1), open(2), publish(1, 1), subscribe(2, 1, 1), publish(1, 2), subscribe(2, 2, 2)]);
      plane.send(0, [
        { type: 'unpublish-track', track: 1 }, // ends subscription 1
        { type: 'unsubscribe', subscription: 1 },
        { type: 'unpublish-track', track: 1 },
        subscribe(2, 1, 3),
        { type: 'close-transport', transport: 1 }, // ends track 2 and subscription 2
        { type: 'unpublish-track', track: 2 },
        { type: 'hold-track', track: 2, held: true },
        { type: 'unsubscribe', subscription: 2 },
        restart(1),
        { type: 'configure-subscription', subscription: 2, limits: { paused: true, maxWidth: 320, maxHeight: 180 } },
        connect(1),
        publish(1, 3),
        subscribe(1, 2, 4),
      ]);
      const stats = await statsOf(plane, events, 1);
      assert.deepEqual(
        stats.transports.map(({ transport }) => transport),
        [2],
      );
    });

    it('keeps workers apart', async t => {
      const { plane, events } = await opened(t, create);
      if (plane.workers.length < 2) return t.skip('one worker only');
      plane.send(1, [open(1), { type: 'collect-stats', request: 9 }]);
      const stats = await events.next('stats');
      assert.equal(stats.worker, 1);
      assert.equal(stats.stats.transports.length, 1);
      assert.equal((await statsOf(plane, events, 10)).transports.length, 0);
    });

    it('hands tracks over to another worker and takes them back', async t => {
      const { plane, events } = await opened(t, create);
      if (plane.workers.length < 2) return t.skip('one worker only');
      plane.send(0, [open(1), publish(1, 1), publish(1, 2), { type: 'relay-track', track: 1, to: 1 }]);
      plane.send(1, [open(2), received(1, 1), subscribe(2, 1, 1), { type: 'unsubscribe', subscription: 1 }]);
      plane.send(1, [subscribe(2, 1, 2), { type: 'unpublish-track', track: 1 }]); // ends the copy and subscription 2
      plane.send(0, [
        { type: 'stop-relaying', track: 1, to: 1 },
        { type: 'relay-track', track: 1, to: 1 },
      ]);
      plane.send(1, [received(1, 1), subscribe(2, 1, 3)]);
      plane.send(0, [
        { type: 'close-transport', transport: 1 },
        { type: 'stop-relaying', track: 1, to: 1 },
      ]);
      plane.send(1, [{ type: 'unpublish-track', track: 1 }, subscribe(2, 1, 4), { type: 'unsubscribe', subscription: 3 }]);
      plane.send(0, [{ type: 'relay-track', track: 2, to: 1 }]); // it is gone already
      assert.deepEqual((await statsOf(plane, events, 1)).transports, []);
      plane.send(1, [{ type: 'collect-stats', request: 2 }]);
      assert.deepEqual(
        (await events.next('stats')).stats.transports.map(({ transport }) => transport),
        [2],
      );
    });

    it('closes twice, and is silent after it', async t => {
      const { plane, events } = await opened(t, create);
      plane.send(0, [open(1)]);
      await Promise.all([plane.close(), plane.close()]);
      const before = events.all.length;
      plane.send(0, [{ type: 'collect-stats', request: 1 }]);
      await plane.close();
      assert.equal(events.all.length, before);
    });
  });
}

async function opened(t: TestContext, create: () => MediaPlane | Promise<MediaPlane>) {
  const plane = await create();
  t.after(() => plane.close());
  const events = new Events();
  plane.onEvents(batch => events.push(batch));
  return { plane, events };
}

async function statsOf(plane: MediaPlane, events: Events, request: number) {
  plane.send(0, [{ type: 'collect-stats', request }]);
  const event = await events.next('stats');
  assert.equal(event.request, request);
  return event.stats;
}

const open = (transport: number): Command => ({
  type: 'open-transport',
  transport,
  iceUfrag: `ufrag${transport}`,
  icePwd: `a-password-of-transport-${transport}`,
});

const restart = (transport: number): Command => ({
  type: 'restart-ice',
  transport,
  iceUfrag: `renewed${transport}`,
  icePwd: `another-password-of-transport-${transport}`,
});

const connect = (transport: number): Command => ({
  type: 'connect-transport',
  transport,
  iceUfrag: 'peer',
  icePwd: 'the-password-of-the-peer',
  fingerprint: { algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'CD').join(':') },
  dtlsRole: 'server',
  extensions: { mid: 1 },
});

const VP8 = { codec: 'vp8', payloadType: 96, clockRate: 90_000, nack: true, pli: true, fir: true, transportCc: true } as const;

const publish = (transport: number, track: number): Command => ({
  type: 'publish-track',
  transport,
  track,
  kind: 'video',
  mid: String(track),
  encodings: [{ ssrc: 1000 + track }],
  codecs: [VP8],
});

const received = (track: number, transport: number): Command => ({
  type: 'receive-track',
  track,
  from: 0,
  transport,
  kind: 'video',
  encodings: [{ ssrc: 1000 + track }],
  codecs: [VP8],
});

const subscribe = (transport: number, track: number, subscription: number): Command => ({
  type: 'subscribe',
  transport,
  subscription,
  track,
  mid: String(10 + subscription),
  ssrc: 2000 + subscription,
  codecs: [VP8],
});
