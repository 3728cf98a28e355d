import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ClientMessage, ErrorCode, LIMITS, type Parsed, parseAnswer, parseCandidate, parseClientMessage } from '../src/index.ts';

const say = (message: unknown) => parseClientMessage(JSON.stringify(message));
const code = (parsed: Parsed<unknown>) => (parsed.ok ? 'ok' : parsed.error.code);

/** Objects which look like messages but for one thing, and things which look like nothing at all. */
const hostile = fc.oneof(
  fc.anything({ withNullPrototype: true, withBigInt: false }),
  fc.record({
    event: fc.oneof(
      fc.constantFrom(...ClientMessage.options.map(option => option.shape.event.value)),
      fc.constantFrom('__proto__', 'constructor', 'toString', 'offer', 'welcome', ''),
      fc.string(),
      fc.anything({ withBigInt: false }),
    ),
    data: fc.oneof(fc.jsonValue(), fc.string({ maxLength: 5_000 }), fc.anything({ withBigInt: false })),
  }),
);

/** SPEC:P9 */
test('whatever a client sends is understood or refused with a code and a sentence; nothing throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), hostile.map(safeJson)), text => {
      for (const parsed of [parseClientMessage(text), parseAnswer(text), parseCandidate(text)]) {
        if (parsed.ok) continue;
        assert.ok(ErrorCode.options.includes(parsed.error.code));
        assert.match(parsed.error.message, /^[A-Z`].*\.$/);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a refusal never quotes what was sent', () => {
  const secret = 'hunter2-hunter2';
  for (const message of [
    secret,
    { event: secret },
    { event: 'mute', data: { source: secret, muted: true } },
    { event: 'mute', data: { [secret]: 1 } },
    { event: 'publish', data: secret },
    { event: 'chat', data: secret.repeat(400) },
  ]) {
    const parsed = say(message);
    assert.equal(parsed.ok, false);
    assert.ok(!JSON.stringify(parsed).includes(secret), JSON.stringify(parsed));
  }
});

test('valid messages keep what they say and lose what nobody asked for', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: LIMITS.chatLength }), fc.jsonValue(), (text, extra) => {
      assert.deepEqual(say({ event: 'chat', data: text, extra }), { ok: true, value: { event: 'chat', data: text } });
    }),
  );
  assert.deepEqual(say({ event: 'mute', data: { source: 'screen', muted: false, by: 'me' } }), {
    ok: true,
    value: { event: 'mute', data: { source: 'screen', muted: false } },
  });
  const act = { action: 'remove', participant: 'p1' };
  assert.deepEqual(say({ event: 'moderate', data: act }), {
    ok: true,
    value: { event: 'moderate', data: { ...act, ban: false } },
  });
  assert.equal(code(say({ event: 'token', data: { token: 'a.b.c' } })), 'ok');
  for (const event of ['ping', 'leave']) assert.equal(code(say({ event })), 'ok');
});

/** SPEC:P11 SPEC:P20 */
test('bounds: the last that fits is taken, one more is too large', () => {
  for (const [event, limit] of [
    ['chat', LIMITS.chatLength],
    ['answer', LIMITS.sdpLength],
    ['candidate', LIMITS.candidateLength],
  ] as const) {
    assert.equal(code(say({ event, data: 'x'.repeat(limit) })), 'ok', event);
    assert.equal(code(say({ event, data: 'x'.repeat(limit + 1) })), 'message-too-large', event);
  }
  assert.equal(code(say({ event: 'chat', data: '' })), 'invalid-data');
});

/** SPEC:P8 SPEC:P9 */
test('each fault has its code', () => {
  for (const [text, expected] of [
    ['', 'not-json'],
    ['{"event":', 'not-json'],
    ['null', 'not-json'],
    ['[]', 'not-json'],
    ['{"data":"x"}', 'not-json'],
    ['{"event":1}', 'not-json'],
    ['{"event":"offer","data":"{}"}', 'unknown-event'],
    ['{"event":"__proto__"}', 'unknown-event'],
    ['{"event":"answer","data":{"type":"answer","sdp":"v=0"}}', 'invalid-data'], // `data` is a string
    ['{"event":"publish","data":{"source":"radio"}}', 'invalid-data'],
    ['{"event":"mute","data":{"source":"camera","muted":"yes"}}', 'invalid-data'],
    ['{"event":"moderate","data":{"action":"fly"}}', 'invalid-data'],
    ['{"event":"moderate","data":{"action":"mute","participant":"p1","source":"camera"}}', 'invalid-data'],
    ['{"event":"token","data":{"token":""}}', 'invalid-data'],
  ] as const) {
    assert.equal(code(parseClientMessage(text)), expected, text);
  }
});

/** SPEC:P18 */
test('candidates come in every shape that browsers give them', () => {
  for (const data of [
    '{"candidate":"candidate:1 1 udp 1 10.0.0.1 9 typ host","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd"}',
    '{"candidate":"","sdpMid":"0","sdpMLineIndex":0}',
    '{"candidate":"candidate:1","sdpMid":null,"sdpMLineIndex":null}',
    '{}',
    'null',
    '',
  ]) {
    assert.equal(code(parseCandidate(data)), 'ok', data);
  }
  assert.equal(code(parseCandidate('{"candidate":7}')), 'invalid-data');
  assert.equal(code(parseCandidate('{"sdpMLineIndex":-1}')), 'invalid-data');
});

test('an answer is an answer with SDP', () => {
  assert.equal(code(parseAnswer('{"type":"answer","sdp":"v=0"}')), 'ok');
  for (const data of ['{"type":"offer","sdp":"v=0"}', '{"type":"answer","sdp":""}', '{"type":"answer"}', '"v=0"', 'v=0']) {
    assert.equal(code(parseAnswer(data)), 'invalid-data', data);
  }
});

/** JSON of anything; what JSON cannot say becomes a string of it. */
function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return Object.prototype.toString.call(value);
  }
}
