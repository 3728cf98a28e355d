import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { newCallPerson, tile } from '../harness/call-person.ts';
import { newChromium } from '../harness/chromium.ts';
import { newFirefox } from '../harness/firefox.ts';
import { SENT_LAYERS, type SentLayer } from '../harness/inspect.ts';
import { keepsReceiving, receives } from '../harness/person.ts';
import { plainPage } from '../harness/plain-page.ts';
import { newPlainPerson } from '../harness/plain-person.ts';
import { newServer } from '../harness/server.ts';

test('Firefox and Chromium meet on the page', async t => {
  const server = await newServer(t);
  const [chromium, firefox] = await Promise.all([newChromium(t), newFirefox(t)]);
  const ann = await newCallPerson(chromium, server, { user: 'ann', room: 'red' });
  const fox = await newCallPerson(firefox, server, { user: 'fox', room: 'red' });
  await receives(ann.page, { people: 1 });
  await receives(fox.page, { people: 1 });
  for (const { page } of [ann, fox]) {
    const layers = await page.evaluate<SentLayer[]>(SENT_LAYERS);
    assert.deepEqual(layers.map(({ rid }) => rid).sort(), ['f', 'h', 'q'], 'both publish in layers');
  }
  await fox.say('hello from firefox');
  await ann.hears('hello from firefox');
  await keepsReceiving(ann.page);
  await keepsReceiving(fox.page);
  await ann.click('leave');
  await fox.seesNoMore('ann');
});

test('an existing client in Firefox takes part in a call', async t => {
  const server = await newServer(t);
  const door = { server, address: await plainPage(t) };
  const [chromium, firefox] = await Promise.all([newChromium(t), newFirefox(t)]);
  const ann = await newPlainPerson(chromium, door, { user: 'ann', room: 'red', habit: 'trickles' });
  const fox = await newPlainPerson(firefox, door, { user: 'fox', room: 'red', habit: 'trickles' });
  await receives(ann.page, { people: 1 });
  await receives(fox.page, { people: 1 });
  await ann.leave();
  await fox.page.until(`document.querySelectorAll('video').length === 0`, 'the video of who left to go');
});

test('Firefox loses the right to publish and gets it back, without losing its connection', async t => {
  const server = await newServer(t);
  const [chromium, firefox] = await Promise.all([newChromium(t), newFirefox(t)]);
  const ann = await newCallPerson(chromium, server, { user: 'ann', room: 'red', role: 'host' });
  const fox = await newCallPerson(firefox, server, { user: 'fox', room: 'red' });
  await receives(ann.page, { people: 1 });
  const who = () => ann.page.evaluate<string>(`document.querySelector(${JSON.stringify(tile('fox'))})?.dataset.participant`);
  const before = await who();
  await ann.makes('fox', 'viewer');
  await ann.shows('fox', 'camera', 'off');
  await keepsReceiving(fox.page);
  await ann.makes('fox', 'guest');
  await fox.page.until(`document.querySelector('[data-testid="camera"]') !== null`, 'the buttons to come back');
  await fox.click('camera');
  await receives(ann.page, { people: 1, audios: 0 });
  await keepsReceiving(ann.page);
  assert.equal(await who(), before);
});
