import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { newCallPerson, tile } from '../harness/call-person.ts';
import { newChromium } from '../harness/chromium.ts';
import { RECEIVED, SENT_LAYERS, type SentLayer } from '../harness/inspect.ts';
import { keepsReceiving, receives } from '../harness/person.ts';
import { newServer } from '../harness/server.ts';

/** In the page: the videos that arrive are all of this width. */
const widthIs = (width: number) =>
  `(async () => (await ${RECEIVED}).filter(entry => entry.kind === 'video').every(entry => entry.width === ${width}))()`;

/** In the page: exactly these layers are sent, frames of each. */
const sends = (rids: readonly string[]) =>
  `(async () => {
    const before = await ${SENT_LAYERS};
    await new Promise(done => setTimeout(done, 500)); // a rate needs two looks
    const after = await ${SENT_LAYERS};
    const sending = after.filter(({ rid, frames }) => frames > (before.find(each => each.rid === rid)?.frames ?? 0));
    return sending.map(({ rid }) => rid).sort().join() === ${JSON.stringify([...rids].sort().join())};
  })()`;

/** In the page: switches a layer of the camera off or on behind the SDK's back, as a browser does that is short of something. */
const sendLayer = (rid: string, active: boolean) => `(async () => {
  const sender = window.aqInspect.peers.at(-1).connection.getSenders().find(({ track }) => track?.kind === 'video');
  const parameters = sender.getParameters();
  parameters.encodings.find(encoding => encoding.rid === '${rid}').active = ${active};
  await sender.setParameters(parameters);
})()`;

test('a layer that dries up is replaced by the next one, and taken again when it is back', async t => {
  const server = await newServer(t);
  const browser = await newChromium(t);
  const ann = await newCallPerson(browser, server, { user: 'ann', room: 'red' });
  const ben = await newCallPerson(browser, server, { user: 'ben', room: 'red' });
  await ben.page.size(1_900, 1_200);
  await ben.page.until(widthIs(1_280), 'the large layer');
  await ann.page.evaluate(sendLayer('f', false));
  await ben.page.until(
    `(async () => (await ${RECEIVED}).some(entry => entry.width === 640 || entry.width === 320))()`,
    'a smaller layer',
  );
  await keepsReceiving(ben.page);
  await ann.page.evaluate(sendLayer('f', true));
  await ben.page.until(widthIs(1_280), 'the large layer again');
  await keepsReceiving(ben.page);
});

/** The fake microphone beeps once a second. */
test('the server tells who speaks, and who is muted does not', async t => {
  const server = await newServer(t);
  const browser = await newChromium(t);
  const ann = await newCallPerson(browser, server, { user: 'ann', room: 'red' });
  const ben = await newCallPerson(browser, server, { user: 'ben', room: 'red' });
  await ben.click('mute');
  await receives(ann.page, { people: 1 });
  const [, { stream } = { stream: '' }] = [0, (await receives(ben.page, { people: 1 }))[0]];
  const told = (person: typeof ann) => person.page.evaluate<string[][]>('window.aqInspect.speakers');
  await ben.page.until(`window.aqInspect.speakers.some(list => list.includes(${JSON.stringify(stream)}))`, 'word of ann');
  await ann.page.until(`document.querySelector(${JSON.stringify(tile('ann'))}).dataset.speaking === 'true'`, 'ann to be shown');
  const begun = (await told(ben)).length;
  await keepsReceiving(ben.page, 30);
  assert.ok(
    (await told(ben)).slice(begun).every(list => list.every(id => id === stream)),
    'ben is muted',
  );
});

test('a video comes in the size that it is shown in, and what nobody watches is not sent', async t => {
  const server = await newServer(t);
  const browser = await newChromium(t);
  const ann = await newCallPerson(browser, server, { user: 'ann', room: 'red' });
  const ben = await newCallPerson(browser, server, { user: 'ben', room: 'red' });
  await receives(ben.page, { people: 1 });
  const layers = await ann.page.evaluate<SentLayer[]>(SENT_LAYERS);
  assert.deepEqual(layers.map(({ rid }) => rid).sort(), ['f', 'h', 'q']);

  await ben.page.size(1_900, 1_200);
  await ben.page.until(widthIs(1_280), 'the large layer for a large tile');

  await ben.page.size(420, 340);
  await ben.page.until(widthIs(320), 'the small layer for a small tile');
  await keepsReceiving(ben.page);
  await ann.page.until(sends(['q']), 'the publisher to send the small layer alone');

  const enlarged = Date.now();
  await ben.page.size(1_900, 1_200);
  await ben.page.until(widthIs(1_280), 'the large layer again');
  const elapsed = Date.now() - enlarged;
  t.diagnostic(`switched up within ${elapsed} ms`);
  await keepsReceiving(ben.page);
  await ann.page.until(sends(['q', 'f']), 'the publisher to send what is watched, and the smallest');
});
