import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Page } from '../harness/browser.ts';
import { newCallPerson } from '../harness/call-person.ts';
import { newChromium } from '../harness/chromium.ts';
import { newCoturn } from '../harness/coturn.ts';
import { keepsReceiving, receives } from '../harness/person.ts';
import { newServer } from '../harness/server.ts';

const SECRET = 'a-secret-of-the-tests-0123456789-abcdef';

interface Timeline {
  readonly items: { participant: string; user_id: string; samples: { bitrate_up: number; bitrate_down: number }[] }[];
  readonly events: { type: string; participant: string; details: { protocol?: string } }[];
}

/** How the newest connection of a page reaches the server. */
const ROUTE = `(async () => {
  const peer = window.aqInspect.peers.at(-1);
  const report = await peer.connection.getStats();
  const transport = [...report.values()].find(entry => entry.type === 'transport');
  const pair = report.get(transport?.selectedCandidatePairId);
  const [local, remote] = [report.get(pair?.localCandidateId), report.get(pair?.remoteCandidateId)];
  return { local: local?.candidateType, relay: local?.relayProtocol, protocol: remote?.protocol };
})()`;

const route = (page: Page) => page.evaluate<{ local: string; relay?: string; protocol: string }>(ROUTE);

test('where no UDP gets through, the call goes over TCP, and its timeline says so', async t => {
  const server = await newServer(t, { API_KEYS: `reader:${SECRET}` });
  const [open, closed] = await Promise.all([newChromium(t), newChromium(t, { network: 'no-udp' })]);
  const ann = await newCallPerson(open, server, { user: 'ann', room: 'red' });
  const ben = await newCallPerson(closed, server, { user: 'ben', room: 'red' });
  for (const person of [ann, ben]) await receives(person.page, { people: 1 });
  for (const person of [ann, ben]) await keepsReceiving(person.page);
  assert.equal((await route(ann.page)).protocol, 'udp');
  assert.equal((await route(ben.page)).protocol, 'tcp');

  const ask = async (path: string) => {
    const response = await fetch(`${server.origin}/api/v1${path}`, { headers: { authorization: `Bearer reader:${SECRET}` } });
    assert.equal(response.status, 200, path);
    return response.json() as Promise<unknown>;
  };
  const { items } = (await ask('/sessions?room=red')) as { items: { id: string }[] };
  const timeline = async () => (await ask(`/sessions/${items[0]?.id}/timeline`)) as Timeline;
  while ((await timeline()).items.some(({ samples }) => samples.length === 0)) await ann.page.until('true', 'time to pass');
  const { items: people, events } = await timeline();
  for (const { samples } of people)
    assert.ok(Number(samples[0]?.bitrate_up) > 10_000 && Number(samples[0]?.bitrate_down) > 10_000);
  const byUser = new Map(people.map(({ participant, user_id }) => [participant, user_id]));
  const connected = events.filter(({ type }) => type === 'media-connected');
  assert.deepEqual(
    new Map(connected.map(({ participant, details }) => [byUser.get(participant), details.protocol])),
    new Map([
      ['ann', 'udp'],
      ['ben', 'tcp'],
    ]),
  );
});

test('a client that may only use TURN reaches the server through coturn, with the credentials of its welcome', async t => {
  const coturn = await newCoturn(t);
  const turn = { TURN_URLS: `${coturn.url}?transport=udp`, TURN_SECRET: coturn.secret };
  const server = await newServer(t, { ...turn, MEDIA_ADDRESS: coturn.url.replace('turn:', 'stun:'), MEDIA_TCP: 'false' });
  const [open, closed] = await Promise.all([newChromium(t), newChromium(t, { network: 'relay-only' })]);
  const ann = await newCallPerson(open, server, { user: 'ann', room: 'red' });
  const ben = await newCallPerson(closed, server, { user: 'ben', room: 'red' });
  for (const person of [ann, ben]) await receives(person.page, { people: 1 });
  for (const person of [ann, ben]) await keepsReceiving(person.page);
  assert.equal((await route(ann.page)).local === 'relay', false);
  const relayed = await route(ben.page);
  assert.deepEqual([relayed.local, relayed.relay], ['relay', 'udp'], coturn.output());
});
