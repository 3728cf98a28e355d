import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { newChromium } from '../harness/chromium.ts';
import { keepsReceiving, receives } from '../harness/person.ts';
import { plainPage } from '../harness/plain-page.ts';
import { newPlainPerson } from '../harness/plain-person.ts';
import { newServer } from '../harness/server.ts';

for (const codec of ['video/VP8', 'video/VP9', 'video/H264', 'video/AV1']) {
  test(`${codec} is sent, forwarded and decoded`, async t => {
    const server = await newServer(t);
    const door = { server, address: await plainPage(t) };
    const browser = await newChromium(t);
    const ann = await newPlainPerson(browser, door, { user: 'ann', room: 'red', habit: 'trickles', codec });
    const ben = await newPlainPerson(browser, door, { user: 'ben', room: 'red', habit: 'adds-no-tracks' });
    const got = await receives(ben.page, { people: 1 });
    assert.deepEqual(got.map(entry => entry.codec).sort(), ['audio/opus', codec]);
    await keepsReceiving(ben.page);
    assert.deepEqual(await ann.errors(), []);
  });
}
