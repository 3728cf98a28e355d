import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { newCallPerson } from '../harness/call-person.ts';
import { newChromium } from '../harness/chromium.ts';
import { keepsReceiving, receives, receivesNothing } from '../harness/person.ts';
import { newServer } from '../harness/server.ts';

test('two people meet on the page, then a third; somebody in another room gets nothing', async t => {
  const server = await newServer(t);
  const browser = await newChromium(t);
  const ann = await newCallPerson(browser, server, { user: 'ann', room: 'red', role: 'host' });
  const ben = await newCallPerson(browser, server, { user: 'ben', room: 'red' });
  await ann.sees('ben');
  await ben.sees('ann');
  const [first] = await receives(ann.page, { people: 1 });
  await receives(ben.page, { people: 1 });
  assert.equal(typeof first?.stream, 'string');

  await ann.say('hello ben');
  await ben.hears('hello ben');

  const eve = await newCallPerson(browser, server, { user: 'eve', room: 'blue' });
  const cat = await newCallPerson(browser, server, { user: 'cat', room: 'red' });
  for (const person of [ann, ben, cat]) await receives(person.page, { people: 2 });
  for (const person of [ann, ben, cat]) await keepsReceiving(person.page);
  await receivesNothing(eve.page);
  assert.equal(await eve.page.evaluate(`document.querySelectorAll('[data-testid="tile"]').length`), 1, 'eve sees herself alone');

  await ben.click('leave');
  await ann.seesNoMore('ben');
  await cat.seesNoMore('ben');
  await receives(ann.page, { people: 1 });
  await keepsReceiving(cat.page);
});

test('a reload replaces: the others see the person once, and media flows again', async t => {
  const server = await newServer(t);
  const browser = await newChromium(t);
  const ann = await newCallPerson(browser, server, { user: 'ann', room: 'red' });
  const ben = await newCallPerson(browser, server, { user: 'ben', room: 'red' });
  await receives(ann.page, { people: 1 });
  const twin = await newCallPerson(browser, server, { user: 'ben', room: 'red' }); // the same person in another tab
  await ben.page.until(`document.body.textContent.includes('somewhere else')`, 'the old tab to be told why it ended');
  await receives(ann.page, { people: 1 }, 'of the new connection, frames and sound');
  await receives(twin.page, { people: 1 });
  assert.equal(await ann.page.evaluate(`document.querySelectorAll('[data-testid="tile"][data-user="ben"]').length`), 1);
});

test('a killed browser is gone at once, a silent one within KEEPALIVE_PONG', async t => {
  const server = await newServer(t, { KEEPALIVE_PING: '1s', KEEPALIVE_PONG: '3s' });
  const [calm, killed, frozen] = await Promise.all([newChromium(t), newChromium(t), newChromium(t)]);
  const ann = await newCallPerson(calm, server, { user: 'ann', room: 'red' });
  await newCallPerson(killed, server, { user: 'ben', room: 'red' });
  await newCallPerson(frozen, server, { user: 'cat', room: 'red' });
  await receives(ann.page, { people: 2 });
  killed.kill();
  await ann.seesNoMore('ben', 2_000);
  frozen.freeze();
  await ann.seesNoMore('cat', 5_000);
  assert.deepEqual(await server.rooms(), [{ room_id: 'red', peer_count: 1 }]);
});

test('a screen is shared beside the camera and ends alone', async t => {
  const server = await newServer(t);
  const browser = await newChromium(t);
  const ann = await newCallPerson(browser, server, { user: 'ann', room: 'red' });
  const ben = await newCallPerson(browser, server, { user: 'ben', room: 'red' });
  await receives(ben.page, { people: 1 });
  await ann.click('screen');
  await ben.page.until(
    `document.querySelector('[data-testid="tile"][data-user="ann"][data-source="screen"]') !== null`,
    'the screen of ann',
  );
  await receives(ben.page, { people: 1, videos: 2, audios: 2 }); // what plays on the screen is heard, too
  await keepsReceiving(ben.page);
  await ann.click('screen');
  await receives(ben.page, { people: 1 });
  await keepsReceiving(ben.page);
});

test('mute and camera off are shown to the others and can be taken back', async t => {
  const server = await newServer(t);
  const browser = await newChromium(t);
  const ann = await newCallPerson(browser, server, { user: 'ann', room: 'red' });
  const ben = await newCallPerson(browser, server, { user: 'ben', room: 'red' });
  await receives(ben.page, { people: 1 });
  const state = (attribute: string, value: string) =>
    ben.page.until(
      `document.querySelector('[data-testid="tile"][data-user="ann"]')?.dataset.${attribute} === '${value}'`,
      `${attribute} of ann to be ${value}`,
    );
  await ann.click('mute');
  await state('muted', 'true');
  await ann.click('mute');
  await state('muted', 'false');
  await ann.click('camera');
  await state('camera', 'off');
  await ann.click('camera');
  await state('camera', 'on');
  await keepsReceiving(ben.page);
});
