import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'sdp-transform';
import { answerTo } from './answerer.ts';
import { camera, directions, newNegotiation } from './new-negotiation.ts';

const both = { sends: () => true };

describe('offers', () => {
  it('begin with the camera as mid 0 and the microphone as mid 1, both recvonly (SPEC:P13)', () => {
    const offer = newNegotiation().nextOffer();
    const sdp = parse(offer?.sdp ?? '');
    assert.deepEqual(
      sdp.media.map(({ mid, type, direction }) => [String(mid), type, direction]),
      [
        ['0', 'video', 'recvonly'],
        ['1', 'audio', 'recvonly'],
      ],
    );
    assert.equal(sdp.icelite, 'ice-lite');
    assert.equal(sdp.groups?.[0]?.mids, '0 1');
    for (const media of sdp.media) {
      assert.equal(media.setup, 'actpass');
      assert.equal(media.rtcpMux, 'rtcp-mux');
      assert.equal(media.rtcpRsize, 'rtcp-rsize');
      assert.equal(media.candidates?.length, 3);
      assert.equal(media.endOfCandidates, 'end-of-candidates');
    }
  });

  it('bring what is there already with the first one', () => {
    const negotiation = newNegotiation();
    negotiation.deliver(camera('alice'));
    const offer = negotiation.nextOffer();
    assert.deepEqual(offer?.subscribed, [{ stream: 'alice', track: 'alice-camera', mid: '2' }]);
    const section = parse(offer?.sdp ?? '').media[2];
    assert.equal(section?.direction, 'sendonly');
    assert.deepEqual(section?.msid, [{ id: 'alice', appdata: 'alice-camera' }]);
    assert.equal(section?.ssrcGroups?.[0]?.semantics, 'FID');
    for (const type of ['transport-cc', 'goog-remb']) assert.ok(section?.rtcpFb?.some(feedback => feedback.type === type));
    assert.ok(section?.ext?.some(({ uri }) => uri.includes('transport-wide-cc')));
  });

  it('wait for the answer and gather meanwhile (SPEC:P14)', () => {
    const negotiation = newNegotiation();
    const first = negotiation.nextOffer();
    for (let person = 0; person < 50; person += 1) negotiation.deliver(camera(`p${person}`));
    assert.equal(negotiation.nextOffer(), undefined);
    negotiation.answer(answerTo(first?.sdp ?? ''));
    const second = negotiation.nextOffer();
    assert.equal(second?.subscribed.length, 50);
    negotiation.answer(answerTo(second?.sdp ?? ''));
    assert.equal(negotiation.nextOffer(), undefined);
  });

  it('are not made for what came and went while one was in flight', () => {
    const negotiation = newNegotiation();
    const first = negotiation.nextOffer();
    negotiation.deliver(camera('alice'));
    negotiation.withdraw('alice-camera');
    negotiation.shut('camera');
    negotiation.open('camera');
    negotiation.answer(answerTo(first?.sdp ?? '', both));
    assert.equal(negotiation.nextOffer(), undefined);
  });

  it('use a section again after it was inactive (SPEC:P17)', () => {
    const negotiation = newNegotiation();
    negotiation.deliver(camera('alice'));
    const first = settle(negotiation);
    const ssrc = parse(first).media[2]?.ssrcs?.[0]?.id;
    negotiation.withdraw('alice-camera');
    negotiation.deliver(camera('bob'));
    const second = negotiation.nextOffer();
    assert.deepEqual(second?.unsubscribed, [{ track: 'alice-camera', mid: '2' }]);
    assert.deepEqual(directions(second), ['recvonly', 'recvonly', 'inactive', 'sendonly']); // never from one track to another at once
    negotiation.answer(answerTo(second?.sdp ?? ''));
    negotiation.deliver(camera('carol'));
    const third = negotiation.nextOffer();
    assert.deepEqual(third?.subscribed, [{ stream: 'carol', track: 'carol-camera', mid: '2' }]);
    assert.notEqual(parse(third?.sdp ?? '').media[2]?.ssrcs?.[0]?.id, ssrc);
    assert.equal(parse(third?.sdp ?? '').media.length, 4);
  });

  it('do not grow beyond the bound: tracks wait for a free section', () => {
    const negotiation = newNegotiation({ maxSections: 4 });
    for (const name of ['a', 'b', 'c']) negotiation.deliver(camera(name));
    const first = negotiation.nextOffer();
    assert.equal(parse(first?.sdp ?? '').media.length, 4);
    assert.equal(first?.waiting, 1);
    negotiation.answer(answerTo(first?.sdp ?? ''));
    assert.equal(negotiation.nextOffer(), undefined);
    assert.throws(() => negotiation.open('screen'), { name: 'RequestError', code: 'too-many-tracks' });
    negotiation.withdraw('a-camera');
    assert.deepEqual(directions(negotiation.nextOffer()).slice(2), ['inactive', 'sendonly']);
  });

  it('leave a rejected section where it is, with port 0, and out of the bundle', () => {
    const negotiation = newNegotiation();
    negotiation.deliver(camera('alice'));
    negotiation.answer(answerTo(negotiation.nextOffer()?.sdp ?? '', { rejects: mid => mid === '0' || mid === '2' }));
    negotiation.deliver(camera('bob'));
    const sdp = parse(negotiation.nextOffer()?.sdp ?? '');
    assert.deepEqual(
      sdp.media.map(({ port }) => port),
      [0, 9, 0, 9],
    );
    assert.equal(sdp.groups?.[0]?.mids, '1 3');
    assert.equal(sdp.media[3]?.candidates?.length, 3);
  });

  it('count their version up and are never the same twice', () => {
    const negotiation = newNegotiation();
    const seen = new Set<string>();
    for (let round = 1; round <= 4; round += 1) {
      negotiation.deliver(camera(`p${round}`));
      const sdp = settle(negotiation);
      assert.equal(parse(sdp).origin.sessionVersion, round);
      seen.add(sdp);
    }
    assert.equal(seen.size, 4);
  });

  it('keep one id for each header extension in all sections, as BUNDLE demands', () => {
    const negotiation = newNegotiation();
    negotiation.deliver(camera('alice'));
    negotiation.deliver({ stream: 'alice', track: 'alice-mic', kind: 'audio' });
    const ids = new Map<string, number>();
    for (const { uri, value } of parse(settle(negotiation)).media.flatMap(({ ext }) => ext ?? [])) {
      assert.equal(ids.get(uri) ?? value, value);
      ids.set(uri, value);
    }
    assert.equal(new Set(ids.values()).size, ids.size);
  });
});

describe('a restart of ICE', () => {
  const renewed = ['ours5678', 'our+second+password/with+length0'] as const;

  it('offers every section with new credentials and takes new ones of the peer (SPEC:P44)', () => {
    const negotiation = newNegotiation();
    negotiation.deliver(camera('alice'));
    settle(negotiation, both);
    assert.equal(negotiation.restartIce(...renewed), true);
    const offer = negotiation.nextOffer()?.sdp ?? '';
    for (const { iceUfrag, icePwd } of parse(offer).media) assert.deepEqual([iceUfrag, icePwd], renewed);
    const changes = negotiation.answer(
      answerTo(offer, { ...both, peer: { iceUfrag: 'anew', icePwd: 'another+password/of+peer' } }),
    );
    assert.deepEqual(
      changes.map(change => (change.type === 'connect' ? [change.remote.iceUfrag, change.remote.icePwd] : change.type)),
      [['anew', 'another+password/of+peer']],
    );
    assert.equal(negotiation.nextOffer(), undefined);
  });

  it('is told to the media plane even if the peer keeps its own credentials', () => {
    const negotiation = newNegotiation();
    settle(negotiation);
    negotiation.restartIce(...renewed);
    const changes = negotiation.answer(answerTo(negotiation.nextOffer()?.sdp ?? ''));
    assert.deepEqual(
      changes.map(({ type }) => type),
      ['connect'],
    );
  });

  it('waits for the answer in flight, and is not begun twice', () => {
    const negotiation = newNegotiation();
    const first = negotiation.nextOffer()?.sdp ?? '';
    assert.equal(negotiation.restartIce(...renewed), true);
    assert.equal(negotiation.restartIce('x', 'y'), false);
    assert.equal(negotiation.nextOffer(), undefined);
    negotiation.answer(answerTo(first));
    assert.equal(parse(negotiation.nextOffer()?.sdp ?? '').media[0]?.iceUfrag, 'ours5678');
    assert.equal(negotiation.restartIce('x', 'y'), false);
  });

  it('is no way in for another connection: the fingerprint stays', () => {
    const negotiation = newNegotiation();
    settle(negotiation);
    negotiation.restartIce(...renewed);
    const offer = negotiation.nextOffer()?.sdp ?? '';
    const other = Array.from({ length: 32 }, () => 'EE').join(':');
    assert.throws(() => negotiation.answer(answerTo(offer, { peer: { fingerprint: other } })), { code: 'invalid-answer' });
  });
});

describe('candidates', () => {
  it('are the same over TCP where that is taken, all of them after those over UDP', () => {
    const offer = newNegotiation({ tcp: true }).nextOffer()?.sdp ?? '';
    const candidates = parse(offer).media[0]?.candidates ?? [];
    assert.deepEqual(
      candidates.map(({ transport, ip, tcptype }) => [transport, ip, tcptype]),
      [
        ['udp', '192.0.2.1', undefined],
        ['udp', '2001:db8::1', undefined],
        ['udp', '127.0.0.1', undefined],
        ['tcp', '192.0.2.1', 'passive'],
        ['tcp', '2001:db8::1', 'passive'],
        ['tcp', '127.0.0.1', 'passive'],
      ],
    );
    const priorities = candidates.map(({ priority }) => Number(priority));
    assert.deepEqual(
      priorities,
      [...priorities].sort((a, b) => b - a),
    );
    assert.equal(new Set(candidates.map(({ foundation }) => foundation)).size, candidates.length);
  });
});

describe('publishing', () => {
  it('offers the camera again if the answer did not send it, once', () => {
    const negotiation = newNegotiation();
    settle(negotiation, {});
    assert.equal(negotiation.open('camera'), '0');
    assert.throws(() => negotiation.open('camera'), { code: 'source-in-use' });
    assert.deepEqual(directions(negotiation.nextOffer()), ['recvonly', 'recvonly']);
  });

  it('offers nothing more if the answer on its way sends it', () => {
    const negotiation = newNegotiation();
    const offer = negotiation.nextOffer()?.sdp ?? '';
    negotiation.open('camera');
    assert.deepEqual(
      negotiation.answer(answerTo(offer, { sends: mid => mid === '0' })).map(({ type }) => type),
      ['connect', 'sending'],
    );
    assert.equal(negotiation.nextOffer(), undefined);
  });

  it('asks again if that answer did not, and gives up if the next does not either', () => {
    const negotiation = newNegotiation();
    const offer = negotiation.nextOffer()?.sdp ?? '';
    negotiation.open('camera');
    negotiation.answer(answerTo(offer));
    const again = negotiation.nextOffer()?.sdp ?? '';
    assert.notEqual(again, offer);
    negotiation.answer(answerTo(again));
    assert.equal(negotiation.nextOffer(), undefined);
    assert.equal(negotiation.open('camera'), '0');
  });

  it('gives the screen a section of its own, and the same one again (SPEC:P32, SPEC:P35)', () => {
    const negotiation = newNegotiation();
    settle(negotiation, both);
    assert.equal(negotiation.open('screen'), '2');
    settle(negotiation, both);
    assert.throws(() => negotiation.open('screen'), { code: 'source-in-use' });
    negotiation.shut('screen');
    assert.deepEqual(directions(negotiation.nextOffer()), ['recvonly', 'recvonly', 'inactive']);
    assert.equal(negotiation.open('screen'), '2');
  });

  it('finds out from any later answer that a client sends or stopped (SPEC:P15)', () => {
    const negotiation = newNegotiation();
    settle(negotiation);
    negotiation.deliver(camera('alice'));
    const started = negotiation.answer(answerTo(negotiation.nextOffer()?.sdp ?? '', { sends: mid => mid === '1' }));
    assert.deepEqual(
      started.map(({ type }) => type),
      ['sending', 'receiving'],
    );
    negotiation.deliver(camera('bob'));
    const stopped = negotiation.answer(answerTo(negotiation.nextOffer()?.sdp ?? ''));
    assert.deepEqual(stopped[0], { type: 'stopped-sending', source: 'microphone' });
  });
});

function settle(negotiation: ReturnType<typeof newNegotiation>, options = {}): string {
  const sdp = negotiation.nextOffer()?.sdp ?? assert.fail('an offer was due');
  negotiation.answer(answerTo(sdp, options));
  return sdp;
}
