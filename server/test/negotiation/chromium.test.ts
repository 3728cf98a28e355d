import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { MAX_SECTIONS, type Negotiation } from '../../src/negotiation/negotiation.ts';
import { camera, microphone, newNegotiation } from './new-negotiation.ts';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];

/** What the page does: an old client, tracks added before the first offer or not at all. */
const CLIENT = `
  window.pc = new RTCPeerConnection();
  window.seen = [];
  pc.ontrack = ({ transceiver, track, streams: [stream] }) => {
    seen.push('track ' + transceiver.mid + ' ' + stream.id);
    stream.onremovetrack = () => seen.push('removetrack ' + stream.id);
  };
  window.addTracks = () => {
    const canvas = document.createElement('canvas');
    canvas.getContext('2d');
    const audio = new AudioContext().createMediaStreamDestination();
    const stream = new MediaStream([...audio.stream.getTracks(), ...canvas.captureStream(5).getTracks()]);
    for (const track of stream.getTracks()) pc.addTrack(track, stream);
  };
  window.accept = async sdp => {
    await pc.setRemoteDescription({ type: 'offer', sdp });
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
  };
  window.takeSeen = () => seen.splice(0);
`;

describe('negotiation with Chromium', () => {
  let browser: Browser;
  before(async () => {
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  });
  after(() => browser.close());

  async function newClient(t: TestContext, { tracks = true } = {}): Promise<Page> {
    const page = await browser.newPage();
    t.after(() => page.close());
    await page.evaluate(CLIENT);
    if (tracks) await page.evaluate('addTracks()');
    return page;
  }

  it('publishes what it added before the first offer', async t => {
    const page = await newClient(t);
    const negotiation = newNegotiation();
    const [connect, video, audio] = await exchange(page, negotiation);
    assert.ok(connect?.type === 'connect' && video?.type === 'sending' && audio?.type === 'sending');
    assert.equal(connect.remote.dtlsRole, 'server');
    assert.deepEqual(Object.keys(connect.extensions).sort(), [
      'absCaptureTime',
      'audioLevel',
      'dependencyDescriptor',
      'mid',
      'playoutDelay',
      'transportWideCc',
      'videoOrientation',
    ]);
    assert.deepEqual(
      video.codecs.map(({ codec, rtxPayloadType }) => [codec, rtxPayloadType !== undefined]),
      [
        ['vp8', true],
        ['vp9', true],
        ['h264', true],
        ['av1', true],
      ],
    );
    for (const { nack, pli, fir, transportCc } of video.codecs) assert.ok(nack && pli && fir && transportCc);
    assert.deepEqual(
      audio.codecs.map(({ codec }) => codec),
      ['opus'],
    );
    assert.ok(video.encodings[0]?.ssrc !== undefined && video.encodings[0].rtxSsrc !== undefined);
    assert.equal(audio.encodings.length, 1);
  });

  it('sees people come, leave and come again in the same sections (SPEC:P16, SPEC:P17)', async t => {
    const page = await newClient(t);
    const negotiation = newNegotiation();
    for (const person of ['alice', 'bob']) {
      negotiation.deliver(camera(person));
      negotiation.deliver(microphone(person));
    }
    const [connect, ...changes] = await exchange(page, negotiation);
    const receiving = changes.filter(({ type }) => type === 'receiving');
    assert.equal(receiving.length, 4);
    // Each packet's arrival is told of, of sound too.
    assert.ok(connect?.type === 'connect' && connect.extensions.transportWideCc !== undefined);
    for (const change of receiving)
      assert.ok(change.type === 'receiving' && change.codecs.every(({ transportCc }) => transportCc));
    assert.deepEqual(await seen(page), ['track 2 alice', 'track 3 alice', 'track 4 bob', 'track 5 bob']);

    negotiation.withdraw('alice-camera');
    negotiation.withdraw('alice-microphone');
    await exchange(page, negotiation);
    assert.deepEqual(await seen(page), ['removetrack alice', 'removetrack alice']);

    negotiation.deliver(microphone('carol'));
    negotiation.deliver(camera('carol'));
    const received = await exchange(page, negotiation);
    assert.deepEqual(
      received.flatMap(change => (change.type === 'receiving' ? [change.outgoing.track] : [])),
      ['carol-camera', 'carol-microphone'],
    );
    assert.deepEqual((await seen(page)).sort(), ['track 2 carol', 'track 3 carol']);
  });

  it('publishes later if it had nothing at first (SPEC:P15)', async t => {
    const page = await newClient(t, { tracks: false });
    const negotiation = newNegotiation();
    assert.deepEqual(types(await exchange(page, negotiation)), ['connect']);
    await page.evaluate('addTracks()');
    negotiation.open('camera');
    assert.deepEqual(types(await exchange(page, negotiation)), ['sending', 'sending']);
  });

  it('shares a screen beside the camera, stops and shares again (SPEC:P32, SPEC:P35)', async t => {
    const page = await newClient(t);
    const negotiation = newNegotiation();
    await exchange(page, negotiation);
    const share = `
      new Promise(done => {
        const canvas = document.createElement('canvas');
        canvas.getContext('2d');
        window.screenTrack = canvas.captureStream(5).getTracks()[0];
        done();
      })`;
    await page.evaluate(share);
    for (let round = 0; round < 2; round += 1) {
      const mid = negotiation.open('screen');
      const offer = negotiation.nextOffer()?.sdp ?? '';
      const answer = await page.evaluate<string>(`(async () => {
        await pc.setRemoteDescription({ type: 'offer', sdp: ${JSON.stringify(offer)} });
        const transceiver = pc.getTransceivers().find(({ mid }) => mid === '${mid}');
        await transceiver.sender.replaceTrack(screenTrack);
        transceiver.direction = 'sendonly';
        await pc.setLocalDescription();
        return pc.localDescription.sdp;
      })()`);
      assert.deepEqual(types(negotiation.answer(answer)), ['sending']);
      negotiation.shut('screen');
      assert.deepEqual(types(await exchange(page, negotiation)), []);
    }
  });

  it('goes on after it rejected the section that led its bundle', async t => {
    const page = await newClient(t);
    const negotiation = newNegotiation();
    await exchange(page, negotiation);
    await page.evaluate('pc.getTransceivers().find(({ mid }) => mid === "0").stop()');
    negotiation.deliver(camera('alice'));
    const changes = await exchange(page, negotiation);
    assert.deepEqual(changes[0], { type: 'stopped-sending', source: 'camera' });
    negotiation.deliver(camera('bob'));
    assert.deepEqual(types(await exchange(page, negotiation)), ['receiving']);
  });

  it('takes offers with as many sections as we make, and its answer fits the protocol', async t => {
    const page = await newClient(t);
    const negotiation = newNegotiation({ maxSections: MAX_SECTIONS });
    for (let person = 0; person < 89; person += 1) {
      negotiation.deliver(camera(`participant-${person}`));
      negotiation.deliver(microphone(`participant-${person}`));
    }
    assert.equal((await exchange(page, negotiation)).filter(({ type }) => type === 'receiving').length, 178);
  });
});

async function exchange(page: Page, negotiation: Negotiation) {
  const offer = negotiation.nextOffer() ?? assert.fail('an offer was due');
  return negotiation.answer(await page.evaluate<string>(`accept(${JSON.stringify(offer.sdp)})`));
}

const seen = (page: Page) => page.evaluate<string[]>('takeSeen()');
const types = (changes: ReturnType<Negotiation['answer']>) => changes.map(({ type }) => type);
