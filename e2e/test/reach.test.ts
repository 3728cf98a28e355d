import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Page } from '../harness/browser.ts';
import { newCallPerson } from '../harness/call-person.ts';
import { newChromium } from '../harness/chromium.ts';
import { newCoturn } from '../harness/coturn.ts';
import { keepsReceiving, receives } from '../harness/person.ts';
import { newServer } from '../harness/server.ts';

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

test('where no UDP gets through, the call goes over TCP', async t => {
  const server = await newServer(t);
  const [open, closed] = await Promise.all([newChromium(t), newChromium(t, { network: 'no-udp' })]);
  const ann = await newCallPerson(open, server, { user: 'ann', room: 'red' });
  const ben = await newCallPerson(closed, server, { user: 'ben', room: 'red' });
  for (const person of [ann, ben]) await receives(person.page, { people: 1 });
  for (const person of [ann, ben]) await keepsReceiving(person.page);
  assert.equal((await route(ann.page)).protocol, 'udp');
  assert.equal((await route(ben.page)).protocol, 'tcp');
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
