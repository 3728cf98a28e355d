import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Source } from '@aqlinks/protocol';
import { boundEncodings } from '../src/publishing/encodings.ts';

/** A sender with layers of these ids, as a browser makes them of the offer. */
function newSender(...rids: readonly string[]) {
  let encodings: RTCRtpEncodingParameters[] = rids.map(rid => ({ rid, active: true }));
  const sender = {
    refuses: false,
    getParameters: () => ({ encodings: structuredClone(encodings) }),
    async setParameters(parameters: { encodings: RTCRtpEncodingParameters[] }): Promise<void> {
      if (sender.refuses) throw new TypeError('refused');
      encodings = parameters.encodings;
    },
  };
  const bound = (source: Source, active?: readonly boolean[]) =>
    boundEncodings(sender as unknown as RTCRtpSender, source, active);
  return { sender, bound, encodings: () => encodings };
}

test('a camera of three layers is sent in a quarter, a half and in full', async () => {
  const { bound, encodings } = newSender('q', 'h', 'f');
  await bound('camera');
  assert.deepEqual(
    encodings().map(({ rid, active, scaleResolutionDownBy }) => [rid, active, scaleResolutionDownBy]),
    [
      ['q', true, 4],
      ['h', true, 2],
      ['f', true, 1],
    ],
  );
  const bitrates = encodings().map(({ maxBitrate }) => maxBitrate ?? 0);
  assert.deepEqual(
    bitrates,
    bitrates.toSorted((a, b) => a - b),
  );
});

/** SPEC:P63 */
test('layers that nobody watches are not sent, and are again when they are', async () => {
  const { bound, encodings } = newSender('q', 'h', 'f');
  await bound('camera', [true, false, false]);
  assert.deepEqual(
    encodings().map(({ active }) => active),
    [true, false, false],
  );
  await bound('camera', [true, false, true]);
  assert.deepEqual(
    encodings().map(({ active }) => active),
    [true, false, true],
  );
});

test('one stream is bounded as the full picture and never switched off', async () => {
  const { bound, encodings } = newSender('');
  await bound('camera', [false]);
  assert.deepEqual(encodings(), [{ rid: '', active: true, maxBitrate: 1_500_000 }]);
});

test('sound is left as it is, and a browser that refuses goes on', async () => {
  const { sender, bound, encodings } = newSender('');
  await bound('microphone');
  assert.deepEqual(encodings(), [{ rid: '', active: true }]);
  sender.refuses = true;
  await bound('camera');
  assert.deepEqual(encodings(), [{ rid: '', active: true }]);
});
