import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { SignJWT } from 'jose';
import { createAuthenticator } from '../../src/auth/authenticate.ts';
import { signToken } from '../../src/auth/sign-token.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { createLog } from '../../src/log.ts';
import { openPlatform } from '../../src/platform.ts';
import { newFolder, overBothDatabases, type Place } from '../support/both-databases.ts';

const MINUTE = 60_000; // ms
const SECRET = new TextEncoder().encode('a-secret-of-the-tests-0123456789-abcdef');
const log = createLog({ level: 'silent', pretty: false, destination: { write() {} } });

/** A server's door and what it knows, by a clock that is off by so much. */
async function newDoor(t: TestContext, { settings }: Place, off: number, tolerance = '1m') {
  const now = () => Date.now() + off;
  const dataDir = settings.databaseUrl === undefined ? settings.dataDir : newFolder(t);
  const configuration = loadConfiguration({ ...settings, dataDir, tokenClockTolerance: tolerance }, {});
  const platform = await openPlatform(configuration, { masterKey: settings.masterKey, log, now });
  t.after(() => platform.close());
  const { directory, store } = platform;
  const authenticate = createAuthenticator({
    secret: SECRET,
    keys: id => directory.key(id),
    isRevoked: token => directory.revocation(token) !== undefined,
    clockTolerance: configuration.tokenClockTolerance,
    now,
  });
  return {
    store,
    now,
    /** The code of the refusal. */
    async refusal(token: string): Promise<string | undefined> {
      await store.changes.pull();
      const query = new URLSearchParams({ token });
      return authenticate({ query, authorization: undefined }).then(
        () => undefined,
        ({ code }) => code as string,
      );
    },
    /** As a backend with this server's clock signs it. */
    async token(key?: { readonly id: string; readonly secret: string }, claims: object = {}): Promise<string> {
      const secret = key === undefined ? SECRET : new TextEncoder().encode(key.secret);
      const identity = { user_id: 'alice', room: 'r', ...(key && { iss: key.id }), ...claims };
      return (await signToken(identity, { secret, lifetime: 30_000, now: now() })).token;
    },
  };
}

const ALICE = { project: 'default', jti: undefined, userId: 'alice', room: undefined, expiresAt: undefined, reason: '' };

overBothDatabases('two clocks apart by a minute, which the tolerance allows', {
  'each takes what the other, or a backend with its clock, has signed': async (t, place) => {
    const [slow, fast] = [await newDoor(t, place, 0), await newDoor(t, place, MINUTE)];
    assert.equal(await fast.refusal(await slow.token()), undefined, 'expired for 30 seconds by its clock');
    assert.equal(await slow.refusal(await fast.token()), undefined);
  },

  'what is taken back on one is taken back on the other, whoever is ahead': async (t, place) => {
    const [slow, fast] = [await newDoor(t, place, 0), await newDoor(t, place, MINUTE)];
    for (const [by, other] of [
      [slow, fast],
      [fast, slow],
    ] as const) {
      const tokens = [await slow.token(), await fast.token()];
      await by.store.revocations.add({ ...ALICE, issuedBefore: by.now() + MINUTE });
      for (const token of tokens)
        assert.deepEqual([await by.refusal(token), await other.refusal(token)], ['token-revoked', 'token-revoked']);
    }
  },

  'a rotated secret is taken by both for as long as was said, give or take the minute': async (t, place) => {
    const [slow, fast] = [await newDoor(t, place, 0), await newDoor(t, place, MINUTE)];
    for (const door of [slow, fast]) {
      const key = await door.store.keys.create('default', '');
      await door.store.keys.rotate('default', key.id, 10_000);
      assert.deepEqual(
        [await slow.refusal(await slow.token(key)), await fast.refusal(await fast.token(key))],
        [undefined, undefined],
      );
      await door.store.keys.rotate('default', key.id, 0);
      await door.store.keys.revoke('default', key.id);
      assert.deepEqual(
        [await slow.refusal(await slow.token(key)), await fast.refusal(await fast.token(key))],
        ['token-issuer', 'token-issuer'],
      );
    }
  },

  'with the clock of a backend further ahead than the tolerance, the refusal says so': async (t, place) => {
    const [strict, fast] = [await newDoor(t, place, 0, '5s'), await newDoor(t, place, MINUTE)];
    const nbf = Math.floor(fast.now() / 1_000);
    const { token } = await signToken({ user_id: 'alice' }, { secret: SECRET, lifetime: 60_000, now: fast.now() });
    assert.equal(await strict.refusal(token), undefined, 'iat alone keeps nobody out');
    const early = await new SignJWT({ user_id: 'alice', nbf }).setProtectedHeader({ alg: 'HS256' }).sign(SECRET);
    assert.equal(await strict.refusal(early), 'token-not-yet-valid');
  },
});
