import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { newCallPerson } from '../harness/call-person.ts';
import { newChromium } from '../harness/chromium.ts';
import { RECEIVED } from '../harness/inspect.ts';
import { keepsReceiving } from '../harness/person.ts';
import { plainPage } from '../harness/plain-page.ts';
import { newPlainPerson } from '../harness/plain-person.ts';
import { newServer } from '../harness/server.ts';

/** In the page: all layers go into one stream from now on. */
const useLayers = (mode: string) => `(async () => {
  const sender = window.aqInspect.peers.at(-1).connection.getSenders().find(({ track }) => track?.kind === 'video');
  const parameters = sender.getParameters();
  parameters.encodings[0].scalabilityMode = ${JSON.stringify(mode)};
  await sender.setParameters(parameters);
  return sender.getParameters().encodings[0].scalabilityMode;
})()`;

const arrives = (codec: string, width: number) =>
  `(async () => (await ${RECEIVED}).some(entry => entry.codec === '${codec}' && entry.width === ${width}))()`;

const arrivesSmaller = (codec: string) =>
  `(async () => (await ${RECEIVED}).some(entry => entry.codec === '${codec}' && entry.width < 640))()`;

for (const [codec, mode] of [
  ['video/VP9', 'L3T3_KEY'],
  ['video/AV1', 'L3T3'],
] as const) {
  test(`${codec} with ${mode} is cut to the layer that a tile shows`, async t => {
    const server = await newServer(t);
    const browser = await newChromium(t);
    const door = { server, address: await plainPage(t) };
    const old = await newPlainPerson(browser, door, { user: 'old', room: 'red', habit: 'trickles', codec });
    const ben = await newCallPerson(browser, server, { user: 'ben', room: 'red' });
    await ben.page.until(arrives(codec, 640), `the picture in ${codec}`);
    assert.equal(await old.page.evaluate(useLayers(mode)), mode);
    await keepsReceiving(ben.page);
    await ben.page.size(420, 340);
    await ben.page.until(arrivesSmaller(codec), 'lower layers alone');
    await keepsReceiving(ben.page);
    await ben.page.size(1_280, 800);
    await ben.page.until(arrives(codec, 640), 'all layers again');
    await keepsReceiving(ben.page);
  });
}
