import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Negotiation } from '../../src/negotiation/negotiation.ts';
import { RequestError } from '../../src/session.ts';
import { type AnswererOptions, answerTo, PEER } from './answerer.ts';
import { camera, microphone, newNegotiation } from './new-negotiation.ts';

/** Answers of others to the offer of `offered()`: a camera and a microphone sent, a camera and a microphone received. */
const RECORDED = ['chromium', 'firefox', 'libdatachannel', 'pion'] as const;
const recorded = (client: string) => readFileSync(new URL(`answers/${client}.sdp`, import.meta.url), 'utf8');

function offered(): { negotiation: Negotiation; sdp: string } {
  const negotiation = newNegotiation();
  negotiation.deliver(camera('alice'));
  negotiation.deliver(microphone('alice'));
  return { negotiation, sdp: negotiation.nextOffer()?.sdp ?? assert.fail('an offer was due') };
}

function answered(options: AnswererOptions) {
  const { negotiation, sdp } = offered();
  return negotiation.answer(answerTo(sdp, { sends: () => true, ...options }));
}

describe('answers of others', () => {
  const expected = {
    chromium: { role: 'server', video: ['vp8', 'vp9', 'h264', 'av1'], rtx: true },
    firefox: { role: 'server', video: ['vp8', 'vp9', 'av1', 'h264'], rtx: true }, // a Firefox without the H264 plugin
    libdatachannel: { role: 'server', video: ['vp8', 'vp9', 'h264', 'av1'], rtx: false }, // it answers with VP8 alone
    pion: { role: 'client', video: ['vp8', 'vp9', 'h264', 'av1'], rtx: true }, // it is passive towards a lite server
  } as const;

  for (const client of RECORDED)
    it(`are understood: ${client}`, () => {
      const changes = offered().negotiation.answer(recorded(client));
      const [connect, video, audio, ...received] = changes;
      assert.ok(connect?.type === 'connect' && video?.type === 'sending' && audio?.type === 'sending');
      assert.equal(connect.remote.dtlsRole, expected[client].role);
      assert.deepEqual([video.source, video.mid, audio.source, audio.mid], ['camera', '0', 'microphone', '1']);
      assert.deepEqual(
        video.codecs.map(({ codec }) => codec),
        expected[client].video,
      );
      assert.equal(video.codecs[0]?.rtxPayloadType !== undefined, expected[client].rtx);
      assert.equal(video.encodings[0]?.rtxSsrc !== undefined, expected[client].rtx);
      assert.notEqual(audio.encodings[0]?.ssrc, undefined);
      assert.deepEqual(
        received.map(change => change.type === 'receiving' && change.outgoing.track),
        ['alice-camera', 'alice-microphone'],
      );
    });
});

describe('an answer', () => {
  const refused: Record<string, AnswererOptions> = {
    'without ICE ufrag': { edit: lines => lines.filter(line => !line.startsWith('a=ice-ufrag')) },
    'without ICE password': { edit: lines => lines.filter(line => !line.startsWith('a=ice-pwd')) },
    'with an ICE password that is too short': { peer: { icePwd: 'short' } },
    'without fingerprint': { edit: lines => lines.filter(line => !line.startsWith('a=fingerprint')) },
    'with a fingerprint that is cut': { peer: { fingerprint: 'AB:CD' } },
    'with SHA-1': { edit: lines => lines.map(line => line.replace('fingerprint:sha-256', 'fingerprint:sha-1')) },
    'with a section less': {
      edit: lines =>
        lines.slice(
          0,
          lines.findLastIndex(line => line.startsWith('m=')),
        ),
    },
    'with a section more': { edit: lines => [...lines, 'm=audio 9 UDP/TLS/RTP/SAVPF 111'] },
    'with kinds exchanged': { edit: lines => lines.map(line => line.replace('m=video', 'm=audio')) },
    'with mids exchanged': { edit: lines => lines.map(line => line.replace('a=mid:0', 'a=mid:1')) },
    'that rejects everything': { rejects: () => true },
    'that holds the connection': { setup: 'holdconn' },
    'with an SSRC for two streams': { edit: lines => lines.map(line => line.replace('ssrc:1000002', 'ssrc:1000000')) },
    'that is longer than the protocol allows': {
      edit: lines => [...lines, ...Array.from({ length: 3000 }, () => `a=x:${'y'.repeat(80)}`)],
    },
    'that is no SDP': { edit: () => ['hello'] },
  };
  for (const [what, options] of Object.entries(refused))
    it(`${what} is refused, and may be given again (SPEC:P19)`, () => {
      const { negotiation, sdp } = offered();
      assert.throws(() => negotiation.answer(answerTo(sdp, { sends: () => true, ...options })), {
        name: 'RequestError',
        code: 'invalid-answer',
      });
      assert.equal(negotiation.nextOffer(), undefined);
      assert.equal(negotiation.answer(answerTo(sdp, { sends: () => true })).length, 5);
    });

  it('without an offer is unexpected (SPEC:P19)', () => {
    const { negotiation, sdp } = offered();
    negotiation.answer(answerTo(sdp));
    assert.throws(() => negotiation.answer(answerTo(sdp)), { name: 'RequestError', code: 'unexpected-answer' });
  });

  it('may have its fingerprint in the session or in the sections', () => {
    for (const fingerprintAt of ['session', 'media'] as const) {
      const [connect] = answered({ fingerprintAt });
      assert.deepEqual(connect?.type === 'connect' && connect.remote.fingerprint, {
        algorithm: 'sha-256',
        value: PEER.fingerprint,
      });
    }
  });

  it('decides who begins DTLS', () => {
    for (const [setup, role] of [
      ['active', 'server'],
      ['passive', 'client'],
      ['actpass', 'server'],
    ] as const) {
      const [connect] = answered({ setup });
      assert.equal(connect?.type === 'connect' && connect.remote.dtlsRole, role);
    }
  });

  it('may declare no SSRC: the stream is found by its MID', () => {
    const changes = answered({ ssrcs: false });
    assert.deepEqual(
      changes.flatMap(change => (change.type === 'sending' ? [change.encodings] : [])),
      [[{}], [{}]],
    );
  });

  it('without RTX gets none', () => {
    const changes = answered({ codecs: ['vp8', 'opus'] });
    for (const change of changes) {
      if (change.type !== 'receiving') continue;
      assert.equal(change.outgoing.rtxSsrc, undefined);
      assert.equal(change.codecs[0]?.rtxPayloadType, undefined);
    }
  });

  it('without a codec in common sends and receives nothing there', () => {
    const types = answered({ codecs: ['opus'] }).map(change => [
      change.type,
      'kind' in change ? change.kind : 'mid' in change && change.mid,
    ]);
    assert.deepEqual(types, [
      ['connect', false],
      ['sending', 'audio'],
      ['receiving', '3'],
    ]);
  });

  it('with one codec may be followed by any that was offered, and receives only that one', () => {
    const edit = (lines: string[]) => lines.filter(line => !/^a=rtpmap:(96|97|45|46|102|103) /.test(line));
    const changes = answered({ edit });
    const video = changes.find(change => change.type === 'sending' && change.kind === 'video');
    assert.ok(video?.type === 'sending');
    assert.deepEqual(
      video.codecs.map(({ codec, payloadType, rtxPayloadType }) => [codec, payloadType, rtxPayloadType]),
      [
        ['vp9', 98, 99],
        ['vp8', 96, 97],
        ['h264', 102, 103],
        ['av1', 45, 46],
      ],
    );
    const [, ...others] = video.codecs;
    for (const { nack, pli, fir, transportCc } of others)
      assert.deepEqual(
        { nack, pli, fir, transportCc },
        (({ codec, payloadType, rtxPayloadType, clockRate, ...rest }) => rest)(video.codecs[0] ?? assert.fail()),
      );
    const received = changes.flatMap(change => (change.type === 'receiving' ? [change.codecs.map(({ codec }) => codec)] : []));
    assert.deepEqual(received, [['vp9'], ['opus']]);
  });

  it('keeps what it says of a payload type: another codec is not expected under it', () => {
    const edit = (lines: string[]) =>
      lines.map(line => line.replace('a=rtpmap:96 VP8/', 'a=rtpmap:96 H265/').replace('a=rtpmap:46 rtx/', 'a=rtpmap:46 H265/'));
    const video = answered({ edit }).find(change => change.type === 'sending' && change.kind === 'video');
    assert.deepEqual(video?.type === 'sending' && video.codecs.map(({ codec }) => codec), ['vp9', 'h264', 'av1']);
  });

  it('takes H264 only with packetization mode 1', () => {
    const edit = (lines: string[]) => lines.map(line => line.replace('packetization-mode=1', 'packetization-mode=0'));
    const codecs = answered({ edit }).flatMap(change =>
      change.type === 'sending' && change.kind === 'video' ? change.codecs : [],
    );
    assert.deepEqual(
      codecs.map(({ codec }) => codec),
      ['vp8', 'vp9', 'av1'],
    );
  });

  it('cannot come from another connection later', () => {
    for (const peer of [
      { iceUfrag: 'other' },
      { icePwd: 'another+password+of+a+peer' },
      { fingerprint: PEER.fingerprint.replace('00', 'FF') },
    ]) {
      const { negotiation, sdp } = offered();
      negotiation.answer(answerTo(sdp));
      negotiation.deliver(camera('bob'));
      const next = negotiation.nextOffer()?.sdp ?? '';
      assert.throws(() => negotiation.answer(answerTo(next, { peer })), { code: 'invalid-answer' });
      negotiation.answer(answerTo(next));
    }
  });

  it('connects again when it changes the header extensions', () => {
    const { negotiation, sdp } = offered();
    const without = (lines: string[]) => lines.filter(line => !line.includes('ssrc-audio-level'));
    negotiation.answer(answerTo(sdp, { edit: without }));
    negotiation.deliver(camera('bob'));
    const changes = negotiation.answer(answerTo(negotiation.nextOffer()?.sdp ?? ''));
    assert.ok(changes[0]?.type === 'connect' && changes[0].extensions.audioLevel === 3);
  });
});

describe('hostile answers', () => {
  /** Only a `RequestError` may come out; what is accepted must be within its bounds. */
  function survives(answer: string): void {
    const { negotiation } = offered();
    try {
      for (const change of negotiation.answer(answer)) {
        if (change.type !== 'sending') continue;
        for (const { ssrc = 0, rtxSsrc = 0 } of change.encodings) assert.ok(ssrc <= 0xffff_ffff && rtxSsrc <= 0xffff_ffff);
        for (const { payloadType, rtxPayloadType = 0 } of change.codecs) assert.ok(payloadType <= 127 && rtxPayloadType <= 127);
      }
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      assert.equal(error.code, 'invalid-answer');
    }
  }

  const line = fc.oneof(
    fc.constantFrom(...RECORDED.flatMap(client => recorded(client).split('\r\n'))),
    fc.string({ maxLength: 80 }),
    fc
      .tuple(
        fc.constantFrom(
          'v=',
          'o=',
          's=',
          't=',
          'm=',
          'a=mid:',
          'a=rtpmap:',
          'a=fmtp:',
          'a=ssrc:',
          'a=ssrc-group:',
          'a=extmap:',
          'a=setup:',
        ),
        fc.string(),
      )
      .map(([key, value]) => key + value),
    fc.constantFrom(
      'a=fmtp:96 __proto__=1',
      'a=rtpmap:96 constructor/90000',
      'a=ssrc-group:FID 99999999999 -1',
      'a=mid:__proto__',
      'm=video 0  ',
    ),
  );
  const edit = fc.record({ at: fc.nat(400), remove: fc.nat(3), insert: fc.array(line, { maxLength: 3 }) });

  it('that are a real one, bent', () => {
    fc.assert(
      fc.property(fc.constantFrom(...RECORDED), fc.array(edit, { minLength: 1, maxLength: 6 }), (client, edits) => {
        const lines = recorded(client).split('\r\n');
        for (const { at, remove, insert } of edits) lines.splice(at % lines.length, remove, ...insert);
        survives(lines.join('\r\n'));
      }),
      { numRuns: 1000 },
    );
  });

  it('that are a real one with other characters', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...RECORDED),
        fc.array(fc.tuple(fc.nat(20_000), fc.string({ maxLength: 4 })), { maxLength: 8 }),
        (client, edits) => {
          let text = recorded(client);
          for (const [at, insert] of edits) text = text.slice(0, at % text.length) + insert + text.slice((at % text.length) + 1);
          survives(text);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('that are anything', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), survives), { numRuns: 500 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), lines => survives(['v=0', ...lines].join('\n'))),
      { numRuns: 500 },
    );
  });
});
