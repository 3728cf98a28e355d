import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { DEFAULT_ROLES, RIGHTS, type Right } from '@aqlinks/protocol';
import { type CallClient, type CallServer, enter, newCallServer, setRoles } from './call.ts';

/** What somebody tries, in a room with a talker, a host and somebody in the lobby. Answers whether it was done. */
interface Scene {
  readonly actor: CallClient;
  readonly talker: CallClient; // sends a microphone and a camera
  readonly host: CallClient;
  readonly waiting: CallClient;
}

type Attempt = (scene: Scene, server: CallServer) => Promise<boolean>;

/** Once the server has carried it out: refused with `not-allowed`, or not. */
async function done({ actor }: Scene): Promise<boolean> {
  await actor.settled().catch(error => assert.equal(actor.closed, 4009, error.message)); // who ends a room goes, too
  const refused = actor.errors();
  assert.ok(refused.every(code => code === 'not-allowed'));
  return refused.length === 0;
}

const moderates =
  (act: (scene: Scene) => Parameters<CallClient['moderate']>[0], effect: (scene: Scene) => Promise<unknown>): Attempt =>
  async scene => {
    scene.actor.moderate(act(scene));
    const allowed = await done(scene);
    if (allowed) await effect(scene);
    return allowed;
  };

/** That its first offer was answered `sendonly` came of it, if it was offered to receive. */
const publishesAtOnce =
  (source: 'camera' | 'microphone'): Attempt =>
  async ({ actor, host }, server) => {
    await actor.settled();
    await host.settled();
    const tracks = server.live.participants('default', roomOf(actor))?.find(({ id }) => id === actor.id)?.tracks ?? [];
    return tracks.some(track => track.source === source);
  };

const ATTEMPTS: Record<Right, Attempt> = {
  'publish-microphone': publishesAtOnce('microphone'),
  'publish-camera': publishesAtOnce('camera'),
  async 'publish-screen'(scene) {
    scene.actor.send({ event: 'publish', data: { source: 'screen' } });
    const allowed = await done(scene);
    if (allowed) await scene.actor.got('publishing');
    return allowed;
  },
  async receive({ actor }) {
    await actor.settled();
    return actor.seen.some(({ event }) => event === 'subscribed');
  },
  async chat(scene) {
    scene.actor.send({ event: 'chat', data: 'hello' });
    const allowed = await done(scene);
    if (allowed) await scene.talker.until(() => scene.talker.seen.some(({ event }) => event === 'chat'), 'the line');
    return allowed;
  },
  async 'see-list'({ actor }) {
    const { participants } = await actor.got<{ participants: { userId: string }[] }>('welcome');
    return participants.some(({ userId }) => userId === 'silent');
  },
  admit: moderates(
    ({ waiting }) => ({ action: 'admit', participant: idOfWaiting(waiting) }),
    ({ waiting }) => waiting.got('welcome'),
  ),
  'mute-others': moderates(
    ({ talker }) => ({ action: 'mute', participant: talker.id, source: 'microphone' }),
    ({ talker }) => talker.got('muted-by'),
  ),
  remove: moderates(
    ({ talker }) => ({ action: 'remove', participant: talker.id, ban: false }),
    async ({ talker }) => assert.equal(await talker.close(), 4002),
  ),
  'change-roles': moderates(
    ({ talker }) => ({ action: 'set-role', participant: talker.id, role: 'viewer' }),
    ({ talker }) => talker.got('rights'),
  ),
  lock: moderates(
    () => ({ action: 'lock', locked: true }),
    ({ talker }) => talker.got('room-changed'),
  ),
  end: moderates(
    () => ({ action: 'end' }),
    async ({ talker }) => assert.equal(await talker.close(), 4009),
  ),
};

const rooms = new Map<CallClient, string>();
const roomOf = (client: CallClient) => rooms.get(client) ?? '';
const waitingIds = new Map<CallClient, string>();
const idOfWaiting = (client: CallClient) => waitingIds.get(client) ?? '';

let count = 0;

async function scene(t: TestContext, server: CallServer, { role, claims }: { role: string; claims?: object }): Promise<Scene> {
  const room = `room-${++count}`;
  const host = await enter(t, server, { user: 'hanna', role: 'host', room });
  const [talker, silent] = [
    await enter(t, server, { user: 'tom', room }),
    await enter(t, server, { user: 'silent', role: 'mute', room }),
  ];
  for (const client of [host, talker, silent]) await client.settled();
  const actor = await enter(t, server, { user: 'actor', role, room, ...(claims === undefined ? {} : { claims }) });
  await actor.got('offer');
  await actor.settled();
  host.moderate({ action: 'lobby', lobby: true });
  await host.settled();
  const waiting = await enter(t, server, { user: 'wanda', room });
  await waiting.got('waiting');
  const lobby = server.live.participants('default', room)?.find(each => each.lobby);
  rooms.set(actor, room);
  waitingIds.set(waiting, lobby?.id ?? '');
  return { actor, talker, host, waiting };
}

describe('over real sockets, by the default table', () => {
  const roles = { ...DEFAULT_ROLES, unheard: DEFAULT_ROLES.guest };
  for (const [role, rights] of Object.entries(roles)) {
    it(`a ${role} may what it may, and is refused everything else (SPEC:P46, SPEC:P47, SPEC:P48, SPEC:P51)`, async t => {
      const server = await newCallServer(t);
      await setRoles(server, { mute: ['receive'] });
      for (const right of RIGHTS) {
        const allowed = await ATTEMPTS[right](await scene(t, server, { role }), server);
        assert.equal(allowed, (rights as readonly Right[]).includes(right), `${role}: ${right}`);
      }
    });
  }
});

describe('over real sockets, one right at a time', () => {
  it('it alone is allowed: by a role of the project, and by a host’s token that is narrowed to it (SPEC:P46)', async t => {
    const server = await newCallServer(t);
    await setRoles(server, { mute: ['receive'], ...Object.fromEntries(RIGHTS.map(right => [`only-${right}`, needed(right)])) });
    for (const right of RIGHTS) {
      const byRole = await ATTEMPTS[right](await scene(t, server, { role: `only-${right}` }), server);
      assert.equal(byRole, true, `a role with ${right}`);
      const without = RIGHTS.filter(each => each !== right);
      const byToken = await ATTEMPTS[right](await scene(t, server, { role: 'host', claims: { permissions: without } }), server);
      assert.equal(byToken, false, `a token without ${right}`);
    }
  });
});

/** Nobody touches who may more: it takes the talker's rights, too. */
const needed = (right: Right): Right[] =>
  right === 'remove' || right === 'change-roles' ? [...DEFAULT_ROLES.guest, right] : [right];

describe('a plain client', () => {
  it('has the same rights, and is told what it may not do by errors alone (SPEC:P46)', async t => {
    const server = await newCallServer(t);
    const host = await enter(t, server, { user: 'hanna', role: 'host' });
    await host.settled();
    const viewer = await enter(t, server, {
      user: 'vera',
      role: 'viewer',
      claims: { permissions: ['receive'] },
      extended: false,
    });
    await viewer.got('offer');
    assert.deepEqual(viewer.directions().slice(0, 2), ['inactive', 'inactive']);
    viewer.send({ event: 'chat', data: 'hello' });
    await viewer.until(() => viewer.errors().length > 0, 'the error');
    assert.deepEqual(viewer.errors(), ['not-allowed']);
    assert.deepEqual(new Set(viewer.seen.map(({ event }) => event)), new Set(['offer', 'error']));
    assert.equal(server.live.participants('default', 'r')?.find(({ userId }) => userId === 'vera')?.tracks.length, 0);
  });
});
