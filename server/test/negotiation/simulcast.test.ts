import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'sdp-transform';
import { answerTo } from './answerer.ts';
import { newNegotiation } from './new-negotiation.ts';

const RID = 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id';
const REPAIRED_RID = 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id';

function offered(simulcast: boolean) {
  const negotiation = newNegotiation({ simulcast });
  const sdp = negotiation.nextOffer()?.sdp ?? '';
  return { negotiation, sdp, sections: parse(sdp).media };
}

/** The lines behind the camera's section, which is the first. */
const withLines = (added: readonly string[]) => (lines: string[]) =>
  lines.flatMap(line => (line === 'a=mid:0' ? [line, ...added] : [line]));

function encodingsOf(added: readonly string[], ssrcs = false) {
  const { negotiation, sdp } = offered(true);
  const answer = answerTo(sdp, { sends: mid => mid === '0', ssrcs, edit: withLines(added) });
  const change = negotiation.answer(answer).find(({ type }) => type === 'sending');
  return change?.type === 'sending' ? change.encodings : undefined;
}

describe('simulcast', () => {
  it('is offered where video may be sent, with the extensions that tell its layers apart (SPEC:P61)', () => {
    const [camera, microphone] = offered(true).sections;
    assert.deepEqual(camera?.simulcast, { dir1: 'recv', list1: 'q;h;f' });
    assert.deepEqual(
      camera?.rids?.map(({ id, direction }) => `${id} ${direction}`),
      ['q recv', 'h recv', 'f recv'],
    );
    for (const uri of [RID, REPAIRED_RID]) assert.ok(camera?.ext?.some(extension => extension.uri === uri));
    assert.equal(microphone?.simulcast, undefined);
  });

  it('is not offered to who did not ask for aqlinks.v1: a browser would not send what it added before', () => {
    const { sdp } = offered(false);
    assert.doesNotMatch(sdp, /simulcast|a=rid|stream-id/);
  });

  it('is spoken of for as long as a section is one that may receive: Chromium refuses an inactive one that falls silent about it', () => {
    const { negotiation, sdp } = offered(true);
    negotiation.answer(answerTo(sdp, { sends: () => true }));
    negotiation.deliver({ stream: 'ben', track: 'ben-camera', kind: 'video' });
    negotiation.shut('camera');
    const sections = parse(negotiation.nextOffer()?.sdp ?? '').media;
    assert.deepEqual(
      sections.map(({ direction, simulcast }) => [direction, simulcast?.list1]),
      [
        ['inactive', 'q;h;f'],
        ['recvonly', undefined],
        ['sendonly', undefined],
      ],
    );
  });

  it('is answered with layers, which are found by their ids', () => {
    const rids = ['a=rid:q send', 'a=rid:h send', 'a=rid:f send'];
    assert.deepEqual(encodingsOf([...rids, 'a=simulcast:send q;h;f']), [{ rid: 'q' }, { rid: 'h' }, { rid: 'f' }]);
    assert.deepEqual(encodingsOf([...rids, 'a=simulcast:send q;h;f'], true), [{ rid: 'q' }, { rid: 'h' }, { rid: 'f' }]);
  });

  it('takes fewer layers, alternatives, paused ones and another order', () => {
    assert.deepEqual(encodingsOf(['a=simulcast:send ~f;q']), [{ rid: 'q' }, { rid: 'f' }]);
    assert.deepEqual(encodingsOf(['a=simulcast:send h,q;f']), [{ rid: 'h' }, { rid: 'f' }]);
    assert.deepEqual(encodingsOf(['a=simulcast:recv x send q;h']), [{ rid: 'q' }, { rid: 'h' }]);
  });

  it('needs no answer: one stream is one stream', () => {
    assert.deepEqual(encodingsOf([]), [{}]);
    assert.deepEqual(encodingsOf([], true), [{ ssrc: 1_000_000, rtxSsrc: 1_000_001 }]);
    for (const line of ['a=simulcast:send f', 'a=simulcast:send', 'a=simulcast:send x;y;z', 'a=simulcast:recv q;h;f'])
      assert.deepEqual(encodingsOf([line]), [{}], line);
  });
});
