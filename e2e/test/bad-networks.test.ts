import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { newServerBehindBadNetwork, type Order } from '../harness/bad-network.ts';
import { newCallPerson } from '../harness/call-person.ts';
import { newChromium } from '../harness/chromium.ts';
import { receives } from '../harness/person.ts';
import { figures, quality } from '../harness/quality.ts';

const SEED = Number(process.env.SEED ?? 7);

/** On top of 20 ms each way, as from home to a near data centre. */
const NETWORKS: Readonly<Record<string, Order>> = {
  'no loss': { up: { delayMs: 20 }, down: { delayMs: 20 } },
  '5 % loss': { up: { delayMs: 20, loss: 5 }, down: { delayMs: 20, loss: 5 } },
  'reordering and jitter': {
    up: { delayMs: 20, jitterMs: 20, reorder: 5, reorderMs: 8, duplicate: 1 },
    down: { delayMs: 20, jitterMs: 20, reorder: 5, reorderMs: 8, duplicate: 1 },
  },
};

const FREEZE = 300; // ms

test('video plays without a freeze while 5 % of all packets are lost on each way, and goes on while they are overtaken', async t => {
  t.diagnostic(`seed ${SEED}`);
  const network = await newServerBehindBadNetwork(t, SEED);
  const browser = await newChromium(t);
  await newCallPerson(browser, network.server, { user: 'ann', room: 'red' });
  const ben = await newCallPerson(browser, network.server, { user: 'ben', room: 'red', role: 'viewer' });
  await receives(ben.page, { people: 1 });
  let longest = FREEZE;
  for (const [name, order] of Object.entries(NETWORKS)) {
    await network.becomes(order);
    await quality(ben.page, 3); // the receiver's buffer learns what the network is like
    const seen = await quality(ben.page, 8);
    t.diagnostic(`${name}: ${figures(seen)}`);
    assert.ok(seen.frames > 5 && seen.longestGap > 0, `${name}: ${figures(seen)}`);
    // What the machine alone does to the picture, for want of cores, is no fault of the network.
    if (name === 'no loss') longest = Math.max(FREEZE, 1.5 * seen.longestGap);
    if (name === '5 % loss')
      assert.ok(seen.longestGap <= longest, `${name}: a freeze of ${seen.longestGap.toFixed(0)} ms; seed ${SEED}`);
  }
});

// It is run and its figures are told; it passes only when the picture happened to be small before (docs/benchmarks.md).
const todo = 'a sudden fall from a large picture breaks the sound for more than five seconds';
test('from 5 Mbit/s down to 300 kbit/s and back the picture follows within seconds, and sound goes on', { todo }, async t => {
  t.diagnostic(`seed ${SEED}`);
  const network = await newServerBehindBadNetwork(t, SEED);
  const browser = await newChromium(t);
  await newCallPerson(browser, network.server, { user: 'ann', room: 'red' });
  const ben = await newCallPerson(browser, network.server, { user: 'ben', room: 'red', role: 'viewer' });
  await receives(ben.page, { people: 1 });
  const look = async (name: string, rateKbit: number, { settles, seconds }: { settles: number; seconds: number }) => {
    await network.becomes({ up: { delayMs: 20 }, down: { delayMs: 20, queueMs: 300, rateKbit } });
    const settling = await quality(ben.page, settles);
    const seen = await quality(ben.page, seconds);
    t.diagnostic(`${name}, at first: ${figures(settling)}`);
    t.diagnostic(`${name}, then: ${figures(seen)}`);
    return seen;
  };
  const before = await look('5 Mbit/s', 5_000, { settles: 8, seconds: 5 });
  const narrow = await look('300 kbit/s', 300, { settles: 5, seconds: 8 });
  assert.ok(narrow.kbit < 300 && narrow.frames > 2, figures(narrow));
  assert.ok(narrow.concealed < 5, `sound breaks: ${figures(narrow)}`);
  const after = await look('5 Mbit/s again', 5_000, { settles: 12, seconds: 5 });
  assert.ok(after.width >= before.width && after.kbit > before.kbit / 2, `${figures(before)}; then ${figures(after)}`);
});

test('two viewers behind one bottleneck share it', async t => {
  t.diagnostic(`seed ${SEED}`);
  const network = await newServerBehindBadNetwork(t, SEED);
  const browser = await newChromium(t);
  await newCallPerson(browser, network.server, { user: 'ann', room: 'red' });
  const viewers = [];
  for (const user of ['ben', 'cat']) {
    const viewer = await newCallPerson(browser, network.server, { user, room: 'red', role: 'viewer' });
    await receives(viewer.page, { people: 1 });
    viewers.push(viewer.page);
  }
  await network.becomes({ up: { delayMs: 20 }, down: { delayMs: 20, queueMs: 300, rateKbit: 800 }, shared: true });
  await Promise.all(viewers.map(page => quality(page, 10)));
  const seen = await Promise.all(viewers.map(page => quality(page, 10)));
  for (const each of seen) t.diagnostic(figures(each));
  const rates = seen.map(({ kbit }) => kbit);
  assert.ok(Math.min(...rates) > Math.max(...rates) / 4, `${rates.map(Math.round).join(' and ')} kbit/s`);
  for (const each of seen) assert.ok(each.frames > 2 && each.concealed < 5, figures(each));
});
