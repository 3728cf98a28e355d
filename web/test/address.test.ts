import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { inviteLink, readAddress, readToken, withTokenInFragment } from '../src/page/join/address.ts';

const PAGE = 'https://call.example/aq_server/';
const token = (claims: unknown) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

test('room and token come from the query or the fragment', () => {
  assert.deepEqual(readAddress(PAGE), { room: undefined, token: undefined });
  assert.deepEqual(readAddress(`${PAGE}?room=red&token=a.b.c`), { room: 'red', token: 'a.b.c' });
  assert.deepEqual(readAddress(`${PAGE}?room=red#token=a.b.c`), { room: 'red', token: 'a.b.c' });
  assert.deepEqual(readAddress(`${PAGE}?room=&token=`), { room: undefined, token: undefined });
});

test('an invitation names the room and never carries the token', () => {
  assert.equal(inviteLink(`${PAGE}?token=a.b.c&x=1#token=a.b.c`, 'blue room'), `${PAGE}?room=blue+room`);
});

test('a token in the query moves into the fragment, where no server sees it', () => {
  assert.equal(withTokenInFragment(`${PAGE}?room=red&token=a.b.c`), `${PAGE}?room=red#token=a.b.c`);
  assert.equal(withTokenInFragment(`${PAGE}?room=red`), `${PAGE}?room=red`);
});

test('a token says who joins where, in any script; nonsense says nothing', () => {
  assert.deepEqual(readToken(token({ user_id: 'zoe', name: 'Zoë 🦊', room: 'board' })), { room: 'board', name: 'Zoë 🦊' });
  assert.deepEqual(readToken(token({ user_id: 'zoe' })), { room: undefined, name: 'zoe' });
  for (const nonsense of ['', 'a', 'a.b.c', '...', token(null), token([1]), token({ name: 7, room: {} })]) {
    assert.deepEqual(readToken(nonsense), { room: undefined, name: undefined }, nonsense);
  }
});
