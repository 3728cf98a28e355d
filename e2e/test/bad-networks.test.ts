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

test('video plays without a freeze while 5 % of all packets are lost on each way, and while they are overtaken', async t => {
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
    else assert.ok(seen.longestGap <= longest, `${name}: a freeze of ${seen.longestGap.toFixed(0)} ms; seed ${SEED}`);
  }
});
