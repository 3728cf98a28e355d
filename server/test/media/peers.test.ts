import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Kind, MediaPlane, SocketAddress } from '../../src/media/media-plane.ts';
import { startNativeMediaPlane } from '../../src/media/native.ts';
import { Events } from './events.ts';
import { codecOf, MID, newPeer, type Peer } from './peer.ts';

const PUBLISHED = 0x1111_1111; // SSRC of the publisher
const FORWARDED = 0x2222_2222; // ours, towards the viewer
const HEADER = 12; // bytes of an RTP header without CSRC and extensions

function newPlane(t: TestContext, workers = 1) {
  const plane = startNativeMediaPlane({ workers, port: 0, addresses: [] });
  t.after(() => plane.close());
  const events = new Events();
  plane.onEvents(batch => events.push(batch));
  return { plane, events };
}

/** Loopback of a worker, IPv4 and, where this machine has it, IPv6. */
function loopbacks(plane: MediaPlane, worker = 0): SocketAddress[] {
  return plane.workers[worker]?.addresses.filter(({ ip }) => ip === '127.0.0.1' || ip === '::1') ?? [];
}

/** A publisher and a viewer of its one track, both connected; perhaps the viewer on another worker. */
async function newCall(t: TestContext, kind: Kind, worker = 0) {
  const { plane, events } = newPlane(t, worker + 1);
  const [[address], [there]] = [loopbacks(plane), loopbacks(plane, worker)];
  assert.ok(address && there);
  const publisher = await newPeer(t, { plane, transport: 1, address, direction: 'sends', kind, ssrc: PUBLISHED });
  assert.equal((await events.next('transport-connected')).transport, 1);
  const viewer = await newPeer(t, {
    plane,
    worker,
    transport: 2,
    address: there,
    direction: 'receives',
    kind,
    ssrc: FORWARDED,
  });
  assert.equal((await events.next('transport-connected')).transport, 2);
  await publisher.opened;
  const codecs = [codecOf(kind)];
  const encodings = [{ ssrc: PUBLISHED }];
  plane.send(0, [{ type: 'publish-track', transport: 1, track: 1, kind, mid: MID, encodings, codecs }]);
  if (worker !== 0) {
    plane.send(0, [{ type: 'relay-track', track: 1, to: worker }]);
    plane.send(worker, [{ type: 'receive-track', track: 1, from: 0, transport: 1, kind, encodings, codecs }]);
  }
  plane.send(worker, [{ type: 'subscribe', transport: 2, subscription: 1, track: 1, mid: MID, ssrc: FORWARDED, codecs }]);
  return { plane, events, publisher, viewer };
}

/** The beginning of a VP8 key frame (RFC 7741 4.2, 4.3), or of nothing in particular. */
function payload(kind: Kind, index: number): Buffer {
  const beginning = kind === 'video' ? [0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00] : [];
  return Buffer.from([...beginning, index]);
}

function rtp(kind: Kind, index: number): Buffer {
  const header = Buffer.alloc(HEADER);
  header[0] = 0x80;
  header[1] = 0x80 | codecOf(kind).payloadType;
  header.writeUInt16BE((65_530 + index) % 65_536, 2); // wraps while the test runs
  header.writeUInt32BE(index * 960, 4);
  header.writeUInt32BE(PUBLISHED, 8);
  return Buffer.concat([header, payload(kind, index)]);
}

const payloadOf = (packet: Buffer) => {
  const extended = ((packet[0] ?? 0) & 0x10) !== 0;
  return packet.subarray(extended ? HEADER + 4 + 4 * packet.readUInt16BE(HEADER + 2) : HEADER);
};

/** Sends each packet when the one before has come through, beginning with as many as it takes. */
async function passThrough({ publisher, viewer }: { publisher: Peer; viewer: Peer }, kind: Kind, count: number) {
  const received: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    assert.ok(publisher.send(rtp(kind, index)));
    received.push(await viewer.receive());
  }
  return received;
}

describe('native media plane with a real peer', { timeout: 30_000 }, () => {
  it('connects over IPv4 and IPv6, and tells the peer when it closes', async t => {
    const { plane, events } = newPlane(t);
    const addresses = loopbacks(plane);
    assert.ok(addresses.length > 0);
    for (const [index, address] of addresses.entries()) {
      const transport = index + 1;
      const peer = await newPeer(t, { plane, transport, address, direction: 'sends', kind: 'audio', ssrc: PUBLISHED });
      const connected = await events.next('transport-connected');
      assert.equal(connected.transport, transport);
      assert.equal(connected.remote.ip, address.ip);
      assert.match(connected.srtpProfile, /^AE/);
      plane.send(0, [{ type: 'close-transport', transport }]);
      const closed = await events.next('transport-closed');
      assert.deepEqual(closed, { type: 'transport-closed', worker: 0, transport, reason: 'closed' });
      await peer.ended;
    }
  });

  for (const kind of ['audio', 'video'] as const) {
    for (const [worker, where] of ['the same', 'another'].entries())
      it(`forwards ${kind} from one peer to another on ${where} worker`, async t => {
        const call = await newCall(t, kind, worker);
        const received = await passThrough(call, kind, 20);
        assert.equal((await call.events.next('track-started')).track, 1);
        assert.deepEqual(
          received.map(packet => payloadOf(packet).toString('hex')),
          received.map((_, index) => payload(kind, index).toString('hex')),
        );
        assert.deepEqual(new Set(received.map(packet => packet.readUInt32BE(8))), new Set([FORWARDED]));
        const first = received[0]?.readUInt16BE(2) ?? 0;
        assert.deepEqual(
          received.map(packet => packet.readUInt16BE(2)),
          received.map((_, index) => (first + index) % 65_536),
        );
      });
  }

  it('counts what it moved, and what the moving cost', async t => {
    const call = await newCall(t, 'audio');
    await passThrough(call, 'audio', 10);
    call.plane.send(0, [{ type: 'collect-stats', request: 1 }]);
    const { stats } = await call.events.next('stats');
    assert.equal(stats.packetsForwarded, 10);
    const [first, second] = [1, 2].map(id => stats.transports.find(({ transport }) => transport === id));
    assert.ok(first !== undefined && first.packetsReceived >= 10);
    assert.ok(second !== undefined && second.packetsSent >= 10);
    assert.ok(stats.datagramsReceived >= 10 && stats.receiveCalls >= 10 && stats.sendCalls >= 10);
    assert.ok(stats.cpuSeconds > 0 && stats.cpuSeconds < 5);
    assert.ok(stats.bytesReceived > 0 && stats.bytesSent > 0);
    assert.ok(Object.values(stats.dropped).every(count => Number.isInteger(count)));
  });

  it('sends nothing more once unsubscribed', async t => {
    const { plane, events, publisher, viewer } = await newCall(t, 'audio');
    await passThrough({ publisher, viewer }, 'audio', 3);
    const [address] = loopbacks(plane);
    assert.ok(address);
    const other = await newPeer(t, { plane, transport: 3, address, direction: 'receives', kind: 'audio', ssrc: FORWARDED });
    await events.next('transport-connected');
    plane.send(0, [
      { type: 'unsubscribe', subscription: 1 },
      { type: 'subscribe', transport: 3, subscription: 2, track: 1, mid: MID, ssrc: FORWARDED, codecs: [codecOf('audio')] },
      { type: 'collect-stats', request: 1 },
    ]);
    const before = (await events.next('stats')).stats;
    assert.ok(publisher.send(rtp('audio', 3)));
    assert.deepEqual(payloadOf(await other.receive()), payload('audio', 3));
    plane.send(0, [{ type: 'collect-stats', request: 2 }]);
    assert.equal((await events.next('stats')).stats.packetsForwarded, before.packetsForwarded + 1);
  });
});
