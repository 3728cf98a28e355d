import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { callPerson, join, knock, newCallPerson, tile } from '../harness/call-person.ts';
import { newChromium } from '../harness/chromium.ts';
import { keepsReceiving, received, receives } from '../harness/person.ts';
import { plainPage } from '../harness/plain-page.ts';
import { newServer } from '../harness/server.ts';

const there = (selector: string) => `document.querySelector(${JSON.stringify(selector)}) !== null`;
const button = (name: string) => there(`[data-testid="${name}"]`);

test('a viewer alone has a connection that stands, receives whoever comes, and has no buttons to publish', async t => {
  const server = await newServer(t);
  const browser = await newChromium(t);
  const vera = await newCallPerson(browser, server, { user: 'vera', room: 'red', role: 'viewer' });
  await vera.page.until(
    `window.aqInspect.peers.at(-1)?.connection.connectionState === 'connected'`,
    'a connection without a section that is used',
  );
  for (const name of ['mute', 'camera', 'screen', 'room-menu'])
    assert.equal(await vera.page.evaluate<boolean>(button(name)), false, name);
  await newCallPerson(browser, server, { user: 'ann', room: 'red' });
  await receives(vera.page, { people: 1 });
});

test('a host changes a role: media ends and comes back at once, and the browser is told', async t => {
  const server = await newServer(t);
  const browser = await newChromium(t);
  const ann = await newCallPerson(browser, server, { user: 'ann', room: 'red', role: 'host' });
  const ben = await newCallPerson(browser, server, { user: 'ben', room: 'red' });
  await receives(ann.page, { people: 1 });
  const who = () => ann.page.evaluate<string>(`document.querySelector(${JSON.stringify(tile('ben'))})?.dataset.participant`);
  const before = await who();
  await ann.makes('ben', 'viewer');
  await ann.shows('ben', 'camera', 'off');
  await ann.shows('ben', 'role', 'viewer');
  await ben.says(/You are viewer now/);
  await ben.page.until(`!(${button('mute')})`, 'the buttons of ben to go');
  await receives(ann.page, { people: 0 });
  await keepsReceiving(ben.page);
  await ann.makes('ben', 'presenter');
  await ben.page.until(button('camera'), 'the buttons of ben to come back');
  await ben.click('camera');
  await receives(ann.page, { people: 1, audios: 0 });
  await keepsReceiving(ann.page);
  assert.equal(await who(), before, 'the connection stood all the time');
});

test('a host mutes, stops a video and asks to unmute; nothing is heard of who is muted, whatever it sends', async t => {
  const server = await newServer(t);
  const address = await plainPage(t);
  const browser = await newChromium(t);
  const ann = await newCallPerson(browser, server, { user: 'ann', room: 'red', role: 'host' });
  const ben = await newCallPerson(browser, server, { user: 'ben', room: 'red' });
  const old = await browser.newPage(); // a plain client hears of no mute, and goes on
  await old.goto(address(server.socketUrl(server.token({ user_id: 'old', room: 'red' })), 'trickles'));
  await receives(ann.page, { people: 2 });

  await ann.moderates('ben', 'mute-person');
  await ben.says(/ann muted you/);
  await ann.shows('ben', 'muted', 'true');
  await ann.moderates('ben', 'ask-unmute');
  await ben.says(/ann asks you to unmute/);
  await ben.page.click('.notice-action');
  await ann.shows('ben', 'muted', 'false');
  await ann.moderates('ben', 'stop-video');
  await ben.says(/ann stopped your video/);
  await ann.shows('ben', 'camera', 'off');
  await ben.click('camera');
  await ann.shows('ben', 'camera', 'on');

  await ann.moderates('old', 'mute-person');
  await ann.shows('old', 'muted', 'true');
  const id = await ann.page.evaluate<string>(`document.querySelector(${JSON.stringify(tile('old'))}).dataset.participant`);
  const packets = async (of: (stream: string) => boolean) =>
    (await received(ann.page))
      .filter(({ kind, stream }) => kind === 'audio' && of(stream))
      .reduce((sum, each) => sum + each.packets, 0);
  const [muted, heard] = [await packets(stream => stream === id), await packets(stream => stream !== id)];
  await ann.page.until(
    `(async () => (${JSON.stringify(heard)} + 100) < (await ${countAudio(id)}))()`,
    'the others to be heard on',
  );
  assert.ok((await packets(stream => stream === id)) - muted < 10, 'a muted client is still heard');
  await keepsReceiving(ann.page);
});

/** Runs in the page: audio packets received of all but one. */
const countAudio = (participant: string) => `(async () => {
  const peer = window.aqInspect.peers.at(-1);
  const all = [...(await peer.connection.getStats()).values()].filter(each => each.type === 'inbound-rtp' && each.kind === 'audio');
  return all.filter(each => peer.streams.get(each.mid) !== ${JSON.stringify(participant)}).reduce((sum, each) => sum + each.packetsReceived, 0);
})()`;

test('a host opens a lobby, lets in and sends away, locks, removes, bans and ends; each browser is told', async t => {
  const server = await newServer(t);
  const browser = await newChromium(t);
  const ann = await newCallPerson(browser, server, { user: 'ann', room: 'red', role: 'host' });
  const ben = await newCallPerson(browser, server, { user: 'ben', room: 'red' });
  const room = async (...switches: string[]) => {
    await ann.page.click('[data-testid="room-menu"]');
    for (const each of switches) await ann.page.click(`[data-testid="${each}"]`);
    await ann.page.press('[data-testid="room-menu-dialog"]', 'Escape');
  };
  const comes = async (user: string) => {
    const page = await browser.newPage();
    await page.goto(server.page);
    await knock(page, { user, room: 'red' });
    return callPerson(page, user);
  };

  await room('lobby');
  const [cat, dan] = [await comes('cat'), await comes('dan')];
  for (const waiting of [cat, dan]) await waiting.says(/Somebody in red will let you in/);
  await ann.page.click('[data-testid="lobby-panel"] li[data-user="cat"] [data-testid="admit"]');
  await receives(cat.page, { people: 2 });
  await ann.page.click('[data-testid="lobby-panel"] li[data-user="dan"] [data-testid="send-away"]');
  await dan.says(/You were removed from the room/);

  await room('lobby', 'lock');
  await ben.page.until(button('locked'), 'the lock on the page of ben');
  const eve = await comes('eve');
  await eve.says(/This room is locked/);
  await room('lock');

  await ann.moderates('ben', 'remove', 'remove-now');
  await ben.says(/You were removed from the room/);
  await ann.seesNoMore('ben');
  await ben.page.click('.primary'); // join again
  await join(ben.page, { user: 'ben', room: 'red' });
  await ann.sees('ben');
  await ann.moderates('ben', 'remove', 'ban');
  await ben.says(/You were removed from the room/);
  await ben.page.click('.primary');
  await knock(ben.page, { user: 'ben', room: 'red' });
  await ben.says(/may not come back/);
  await keepsReceiving(cat.page);

  await ann.page.click('[data-testid="room-menu"]');
  await ann.page.click('[data-testid="end"]');
  await ann.page.click('[data-testid="end-now"]');
  for (const person of [ann, cat]) await person.says(/The room was ended/);
});
