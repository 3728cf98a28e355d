import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { newCallPerson } from '../harness/call-person.ts';
import { newChromiumOn } from '../harness/chromium.ts';
import { keepsReceiving, received, receives } from '../harness/person.ts';
import { newServer } from '../harness/server.ts';
import { newTwoNetworks } from '../harness/two-networks.ts';

/** Counts in the page what the others must not see: that somebody left. */
const WATCH = `(() => {
  window.aqLeft = 0;
  new MutationObserver(records => {
    for (const { removedNodes } of records)
      for (const node of removedNodes) if (node.querySelector?.('[data-user="ben"]') || node.dataset?.user === 'ben') window.aqLeft += 1;
  }).observe(document.body, { childList: true, subtree: true });
})()`;

/** SPEC:P65 */
test('from Wi-Fi to the mobile network: sound and picture come back within seconds, and nobody sees anybody leave', async t => {
  if (process.getuid?.() !== 0) return t.skip('networks of its own need root');
  const networks = newTwoNetworks(t);
  const settings = { MEDIA_ADDRESS: networks.address, ENVIRONMENT: 'development' };
  const server = await newServer(t, settings, { ...networks.server, address: networks.address });
  const [home, away] = await Promise.all([
    newChromiumOn(t, networks.server, server.origin),
    newChromiumOn(t, networks.person, server.origin),
  ]);
  const ann = await newCallPerson(home, server, { user: 'ann', room: 'red' });
  const ben = await newCallPerson(away, server, { user: 'ben', room: 'red' });
  for (const person of [ann, ben]) await receives(person.page, { people: 1 });
  const [before] = await received(ann.page);
  await ann.page.evaluate(WATCH);

  networks.loseWifi();
  const begin = performance.now();
  await keepsReceiving(ann.page);
  await keepsReceiving(ben.page);
  t.diagnostic(`15 frames both ways ${Math.round(performance.now() - begin)} ms after the Wi-Fi was gone`);

  await ben.page.until(
    `document.querySelector('[data-testid="status"]')?.dataset.connection === 'connected'`,
    'ben to be connected',
  );
  assert.equal(await ann.page.evaluate('window.aqLeft'), 0);
  const [after] = await received(ann.page);
  assert.deepEqual([after?.stream, after?.mid], [before?.stream, before?.mid], 'the same participant, the same section');
  await ben.say('I am on the bus');
  await ann.hears('I am on the bus');
});
