import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { newCallPerson, newTokenPerson, tile } from '../harness/call-person.ts';
import { newChromium } from '../harness/chromium.ts';
import { keepsReceiving, receives } from '../harness/person.ts';
import { plainPage } from '../harness/plain-page.ts';
import { newServer } from '../harness/server.ts';

const KEY = 'key1';
const SECRET = 'the-secret-of-an-api-key-0123456789-abcdefgh';
const seconds = () => Math.floor(Date.now() / 1_000);

test('a token expires across a running call: renewed, frames go on flowing; not renewed, its holder is removed', async t => {
  const server = await newServer(t, { TOKEN_EXPIRY_NOTICE: '8s', TOKEN_EXPIRY_GRACE: '1s' });
  const browser = await newChromium(t);
  const address = await plainPage(t);
  const ben = await newCallPerson(browser, server, { user: 'ben', room: 'red' });
  const times = { iat: seconds(), exp: seconds() + 12 };
  const ann = await newTokenPerson(browser, server, { user_id: 'ann', room: 'red', ...times });
  await receives(ben.page, { people: 1 });
  const who = () => ben.page.evaluate<string>(`document.querySelector(${JSON.stringify(tile('ann'))})?.dataset.participant`);
  const before = await who();
  const old = await browser.newPage(); // a plain client cannot renew
  const token = server.token({ user_id: 'old', room: 'red', iat: times.iat, exp: times.exp + 1 });
  await old.goto(address(server.socketUrl(token), 'trickles'));
  await receives(ben.page, { people: 2 });
  await old.until('state.closed !== null', 'the old client to be removed');
  assert.equal(await old.evaluate('state.closed.code'), 4006);
  await ben.says(/old is no longer admitted/);
  assert.ok(seconds() > times.exp, 'the first token of ann has expired as well');
  assert.equal(await who(), before, 'ann is the same participant');
  await receives(ben.page, { people: 1 });
  await keepsReceiving(ben.page);
  await keepsReceiving(ann.page);
});

test('a revocation ends a call in a browser within a second, with the reason', async t => {
  const server = await newServer(t, { API_KEYS: `${KEY}:${SECRET}` });
  const browser = await newChromium(t);
  const ann = await newCallPerson(browser, server, { user: 'ann', room: 'red' });
  const ben = await newTokenPerson(browser, server, { user_id: 'ben', room: 'red', jti: 'of-ben' });
  await receives(ann.page, { people: 1 });
  const answer = await fetch(`${server.origin}/api/v1/tokens/revoke`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}:${SECRET}`, 'content-type': 'application/json' },
    body: JSON.stringify({ jti: 'of-ben', reason: 'left the company' }),
  });
  assert.equal(answer.status, 200, await answer.text());
  await ann.seesNoMore('ben', 1_000);
  await ben.says(/taken back/);
});
