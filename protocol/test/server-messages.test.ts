import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ExtendedServerMessage, PlainServerMessage, parseServerMessage, type ServerMessage } from '../src/index.ts';

const track = { id: 't1', source: 'camera', kind: 'video', muted: false } as const;
const participant = { id: 'p1', userId: 'alice', name: 'Alice', role: 'host', tracks: [track] };

const EXAMPLES: ServerMessage[] = [
  { event: 'offer', data: '{"type":"offer","sdp":"v=0"}' },
  { event: 'candidate', data: '{}' },
  { event: 'chat', message: 'hi', from: 'Alice', time: '09:41:07', participant: 'p1' },
  { event: 'error', data: '{"code":"not-json","message":"Send JSON."}' },
  { event: 'welcome', data: { room: 'r', participant, participants: [], serverVersion: '0.1.0', keepaliveSeconds: 30 } },
  { event: 'participant-joined', data: { participant } },
  { event: 'participant-left', data: { participant: 'p1', reason: 'left' } },
  { event: 'track-published', data: { participant: 'p1', track } },
  { event: 'track-unpublished', data: { participant: 'p1', track: 't1' } },
  { event: 'track-muted', data: { participant: 'p1', track: 't1', muted: true } },
  { event: 'publishing', data: { source: 'screen', mid: '3' } },
  { event: 'subscribed', data: { participant: 'p1', track: 't1', mid: '2' } },
  { event: 'unsubscribed', data: { track: 't1', mid: '2' } },
  { event: 'speakers', data: { participants: ['a1', 'b1'] } },
  { event: 'layers', data: { source: 'camera', active: [true, false, false] } },
  { event: 'ice-servers', data: { iceServers: [{ urls: ['turn:t:3478'], username: '1:a', credential: 'x' }] } },
  { event: 'pong' },
  { event: 'resumed', data: { received: 3 } },
  { event: 'track-paused', data: { participant: 'p', track: 't', paused: true, reason: 'network' } },
  { event: 'rights', data: { role: 'host', rights: ['chat'], changing: true } },
  { event: 'role-changed', data: { participant: 'p1', role: 'host' } },
  { event: 'waiting', data: { room: 'r', serverVersion: '0.1.0', keepaliveSeconds: 30 } },
  { event: 'lobby-joined', data: { participant: { id: 'p1', userId: 'alice', name: 'Alice', role: 'host' } } },
  { event: 'lobby-left', data: { participant: 'p1' } },
  { event: 'room-changed', data: { locked: true, lobby: false } },
  { event: 'muted-by', data: { source: 'camera', by: 'Alice' } },
  { event: 'ask-unmute', data: { source: 'microphone' } },
  { event: 'moved', data: { room: 'other' } },
  { event: 'room-message', data: { message: 'hello', time: '09:41:07' } },
  { event: 'token-expiring', data: { expires_at: '2026-01-01T00:00:00.000Z', seconds: 60, grace: 30 } },
  { event: 'token-accepted', data: { expires_at: '2026-01-01T00:00:00.000Z' } },
  { event: 'shutdown', data: { message: 'The server restarts.', reconnectAfter: 2 } },
];

/** SPEC:P28 */
test('every event of the server survives its way over the wire', () => {
  for (const message of EXAMPLES) assert.deepEqual(parseServerMessage(JSON.stringify(message)), message);
  const known = [...PlainServerMessage.options, ...ExtendedServerMessage.options].map(option => option.shape.event.value);
  assert.deepEqual(new Set(EXAMPLES.map(message => message.event)), new Set(known), 'an event without an example');
});

/** SPEC:P8: old clients declare `data` as a string and fail on anything else. */
test('in the plain part no event has a `data` that is not a string', () => {
  for (const { shape } of PlainServerMessage.options) {
    if (!('data' in shape)) continue;
    assert.equal(shape.data.safeParse('{}').success, true);
    assert.equal(shape.data.safeParse({}).success, false);
  }
});

/** SPEC:P10 */
test('what a client does not know it ignores: events, fields, nonsense', () => {
  assert.equal(parseServerMessage('{"event":"hologram","data":{}}'), undefined);
  assert.equal(parseServerMessage('{"event":"welcome","data":"?"}'), undefined);
  assert.deepEqual(parseServerMessage('{"event":"pong","since":"0.9"}'), { event: 'pong' });
  const rights = { event: 'rights', data: { role: 'host', rights: ['chat', 'fly'], changing: false } };
  assert.deepEqual(parseServerMessage(JSON.stringify(rights)), { event: 'rights', data: { ...rights.data, rights: ['chat'] } });
  const left = { event: 'participant-left', data: { participant: 'p1', reason: 'abducted' } }; // SPEC:P60
  assert.deepEqual(parseServerMessage(JSON.stringify(left)), { ...left, data: { ...left.data, reason: 'disconnected' } });
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), text => {
      parseServerMessage(text);
    }),
    { numRuns: 1_000 },
  );
});
