import assert from 'node:assert/strict';
import { overBothDatabases } from '../support/both-databases.ts';
import { cutting, failing, hanging, newReceiver, ok, type Received, verify } from './new-receiver.ts';
import { Clock, newTeller, roomEvent } from './new-teller.ts';

const DAY = 86_400_000;
const events = (room: string, count: number) => Array.from({ length: count }, (_, n) => roomEvent(room, n));
const usersOf = (received: readonly Received[], room: string) =>
  received.filter(each => each.room === room).map(({ body }) => JSON.parse(body).data.participant.user_id);
const users = (count: number) => Array.from({ length: count }, (_, n) => `user ${n}`);

overBothDatabases('webhooks', {
  async 'tell of events, signed and in order'(t, { open }) {
    const teller = await newTeller(t, await open());
    const receiver = await newReceiver(t);
    const { secret, id } = await teller.webhooks.create('default', { url: receiver.url });
    await teller.tell(...events('blue', 20), ...events('red', 20));
    const received = await receiver.count(40);
    assert.deepEqual([usersOf(received, 'blue'), usersOf(received, 'red')], [users(20), users(20)]);
    for (const each of received) verify(secret, each);
    assert.equal(new Set(received.map(each => each.id)).size, 40);
    assert.deepEqual(JSON.parse(received.find(({ room }) => room === 'blue')?.body ?? ''), {
      type: 'participant.joined',
      timestamp: '1970-01-01T00:00:01.000Z',
      data: {
        ...{ project: 'default', room: 'blue', session_id: 'session of blue' },
        participant: { id: 'p0', user_id: 'user 0', name: 'Ann', role: 'guest' },
      },
    });
    await teller.outcome(40);
    const page = await teller.webhooks.deliveries('default', id, { limit: 15 });
    assert.deepEqual([page?.items.length, page?.items[0]?.state, page?.items[0]?.attempts], [15, 'delivered', 1]);
    const rest = await teller.webhooks.deliveries('default', id, { limit: 100, cursor: page?.next });
    assert.deepEqual([rest?.items.length, rest?.next], [25, undefined]);
  },

  async 'a delivery that fails holds back its room and no other, and comes again under its own id'(t, { open }) {
    const teller = await newTeller(t, await open());
    const receiver = await newReceiver(t, (request, response) => {
      response.writeHead(request.room === 'blue' ? 503 : 204).end();
    });
    const { id } = await teller.webhooks.create('default', { url: receiver.url });
    await teller.tell(...events('blue', 3), ...events('red', 3));
    await teller.outcome(4);
    assert.deepEqual([usersOf(receiver.received, 'blue'), usersOf(receiver.received, 'red')], [['user 0'], users(3)]);
    const waiting = await teller.webhooks.deliveries('default', id, { limit: 10, state: 'waiting' });
    assert.partialDeepStrictEqual(waiting?.items.at(-1), { attempts: 1, status: 503, error: 'It answered 503.' });
    receiver.answer = ok;
    teller.pass(4_000); // it is to wait for five seconds
    await teller.tell(roomEvent('green'));
    await teller.outcome(5);
    assert.deepEqual(usersOf(receiver.received, 'blue'), ['user 0']);
    teller.pass(1_001);
    await receiver.count(8);
    const blue = receiver.received.filter(({ room }) => room === 'blue');
    assert.deepEqual(usersOf(blue, 'blue'), ['user 0', ...users(3)]);
    assert.equal(blue[0]?.id, blue[1]?.id);
  },

  async 'nothing that a receiver does breaks us, and each is said'(t, { open }) {
    const teller = await newTeller(t, await open(), { timeout: 300 });
    const elsewhere = await newReceiver(t);
    const behaviours = {
      fails: await newReceiver(t, failing),
      hangs: await newReceiver(t, hanging),
      cuts: await newReceiver(t, cutting),
      redirects: await newReceiver(t, (_request, response) => response.writeHead(307, { location: elsewhere.url }).end()),
      drips: await newReceiver(t, (_request, response) => void response.writeHead(500).write('x')),
      huge: await newReceiver(t, (_request, response) => {
        response.on('error', () => {});
        response.writeHead(200);
        const pour = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
          if (!response.destroyed) response.once('drain', pour);
        };
        pour();
      }),
      nonsense: await newReceiver(t, (_request, _response, raw) => raw.socket.end('this is no HTTP\r\n\r\n')),
    };
    const ids = new Map<string, string>();
    for (const [name, { url }] of Object.entries(behaviours)) {
      ids.set(name, (await teller.webhooks.create('default', { url })).id);
    }
    const nobody = await teller.webhooks.create('default', { url: 'http://127.0.0.1:1/' });
    ids.set('nobody', nobody.id);
    await teller.tell(roomEvent('blue'));
    await teller.outcome(8);
    await teller.dispatcher.close();
    const said: Record<string, string | undefined> = {};
    for (const [name, id] of ids) {
      const [delivery] = (await teller.webhooks.deliveries('default', id, { limit: 1 }))?.items ?? [];
      said[name] = delivery?.state === 'delivered' ? 'delivered' : delivery?.error;
    }
    assert.deepEqual(said, {
      fails: 'It answered 500.',
      hangs: 'It did not answer within 0.3 s.',
      cuts: 'It cut the connection.',
      redirects: 'It answered 307.',
      drips: 'It answered 500.',
      huge: 'delivered', // its status was all that we wanted to know
      nonsense: 'The request failed: HPE_INVALID_CONSTANT.',
      nobody: 'It refused the connection.',
    });
    assert.equal(elsewhere.received.length, 0);
  },

  async 'an endpoint that hangs keeps nobody else waiting'(t, { open }) {
    const teller = await newTeller(t, await open(), { timeout: 2_000 });
    const [slow, fast] = [await newReceiver(t, hanging), await newReceiver(t)];
    await teller.webhooks.create('default', { url: slow.url });
    await teller.webhooks.create('default', { url: fast.url });
    const rooms = Array.from({ length: 40 }, (_, n) => roomEvent(`room ${n}`, n));
    const begin = performance.now();
    await teller.tell(...rooms);
    await fast.count(40);
    assert.ok(performance.now() - begin < 2_000);
    assert.ok(slow.received.length <= 8, String(slow.received.length));
  },

  async 'a receiver that is back gets all that waited at once, also what was to wait for hours'(t, { open }) {
    const teller = await newTeller(t, await open());
    const receiver = await newReceiver(t, failing);
    await teller.webhooks.create('default', { url: receiver.url });
    const rooms = Array.from({ length: 5 }, (_, n) => `room ${n}`);
    await teller.tell(...rooms.map(room => roomEvent(room)));
    for (let tries = 1, wait = 5_000; tries <= 8; tries++, wait *= 3) {
      await teller.outcome(5 * tries);
      await teller.outbox.nextDue();
      teller.pass(wait + 1);
    }
    await teller.outcome(45);
    receiver.answer = ok;
    await teller.tell(roomEvent('another')); // it succeeds, and the others need not wait for nine hours
    await teller.outcome(51);
    assert.deepEqual(teller.outcomes.slice(45), new Array(6).fill('delivered'));
  },

  async 'after days of failure it is given up and switched off, with a warning; activated again, it goes on'(t, { open }) {
    const teller = await newTeller(t, await open());
    const receiver = await newReceiver(t, failing);
    const { id } = await teller.webhooks.create('default', { url: receiver.url });
    await teller.tell(...events('blue', 2));
    for (let tries = 1; teller.disabled.length === 0; tries++) {
      await teller.outcome(tries);
      teller.pass(DAY / 2 + 1);
      if (tries > 12) {
        await teller.outcome(tries + 1);
        break;
      }
    }
    await teller.dispatcher.close();
    assert.match(teller.disabled[0] ?? '', /^Nothing arrived since 20/);
    assert.deepEqual(teller.warnings, ['A webhook was switched off: activate it again when its receiver works']);
    assert.partialDeepStrictEqual(await teller.webhooks.get('default', id), {
      active: false,
      disabledReason: teller.disabled[0],
    });
    const items = (await teller.webhooks.deliveries('default', id, { limit: 9 }))?.items ?? [];
    assert.deepEqual(
      items.map(({ state }) => state),
      ['waiting', 'failed'],
    );
  },

  async '410 Gone switches it off at once'(t, { open }) {
    const teller = await newTeller(t, await open());
    const receiver = await newReceiver(t, (_request, response) => response.writeHead(410).end());
    const { id } = await teller.webhooks.create('default', { url: receiver.url });
    await teller.tell(roomEvent('blue'));
    await teller.outcome(1);
    await teller.dispatcher.close();
    assert.partialDeepStrictEqual(await teller.webhooks.get('default', id), {
      active: false,
      disabledReason: 'It answered 410 Gone.',
    });
    const active = await teller.webhooks.update('default', id, { active: true });
    assert.partialDeepStrictEqual(active, { active: true, disabledReason: undefined, failingSince: undefined });
  },

  async 'several servers share the outbox: all arrives, once and in order'(t, { open }) {
    const clock = new Clock();
    const tellers = [await newTeller(t, await open(), { clock }), await newTeller(t, await open(), { clock })];
    const receiver = await newReceiver(t);
    await tellers[0]?.webhooks.create('default', { url: receiver.url });
    const rooms = Array.from({ length: 12 }, (_, n) => `room ${n}`);
    await Promise.all(
      tellers.map((teller, n) => teller.tell(...rooms.slice(n * 6, n * 6 + 6).flatMap(room => events(room, 10)))),
    );
    const received = await receiver.count(120);
    for (const teller of tellers) await teller.dispatcher.close();
    assert.equal(received.length, 120);
    assert.equal(new Set(received.map(({ id }) => id)).size, 120);
    for (const room of rooms) assert.deepEqual(usersOf(received, room), users(10));
    assert.equal(
      tellers.reduce((sum, { outcomes }) => sum + outcomes.length, 0),
      120,
    );
  },

  async 'while a lease lives nobody else sends, and when it is over somebody does'(t, { open }) {
    const clock = new Clock();
    const teller = await newTeller(t, await open(), { clock });
    const receiver = await newReceiver(t);
    const { id } = await teller.webhooks.create('default', { url: receiver.url });
    await teller.dispatcher.close();
    const other = await newTeller(t, await open(), { clock });
    await teller.tell(roomEvent('blue'));
    const lease = { lane: `${id}/room:blue`, by: 'a server that dies', ms: 20_000 };
    assert.equal(await teller.outbox.lease(lease), true);
    other.pass(19_999);
    assert.equal(await other.outbox.lease({ ...lease, by: 'another' }), false);
    await other.tell(roomEvent('red'));
    await other.outcome(1);
    assert.deepEqual(usersOf(receiver.received, 'blue'), []);
    other.pass(1);
    await other.outcome(2);
    assert.deepEqual(usersOf(receiver.received, 'blue'), ['user 0']);
    assert.equal(await teller.outbox.head(lease), undefined); // who comes back too late finds that it is not its own any more
  },

  async 'leases end by the clock of the database, whatever those of the servers say'(t, { open }) {
    const [store, ahead] = [await open(), await open({ now: () => Date.now() + 60_000 })];
    const teller = await newTeller(t, store);
    await teller.dispatcher.close();
    const { id } = await teller.webhooks.create('default', { url: 'http://127.0.0.1:1/' });
    await teller.tell(roomEvent('blue'));
    const lease = { lane: `${id}/room:blue`, by: 'one', ms: 20_000 };
    assert.equal(await store.outbox.lease(lease), true);
    assert.deepEqual(await ahead.outbox.due(8, [], 8), []);
    assert.equal(await ahead.outbox.lease({ ...lease, by: 'ahead' }), false);
    const due = (await ahead.outbox.nextDue()) ?? 0;
    assert.ok(due > 15_000 && due <= 20_000, String(due));
    const head = await store.outbox.head(lease);
    assert.ok(head);
    await store.outbox.settle(head.delivery, lease, { state: 'waiting', wait: 60_000, status: 500, error: undefined });
    assert.ok(((await store.outbox.nextDue()) ?? 0) > 55_000);
    assert.deepEqual(await ahead.outbox.due(8, [], 8), []);
  },

  async 'with another master key nothing is signed, and it says why'(t, { open }) {
    const receiver = await newReceiver(t);
    const first = await newTeller(t, await open());
    const { id } = await first.webhooks.create('default', { url: receiver.url });
    await first.dispatcher.close();
    const teller = await newTeller(t, await open({ masterKey: new Uint8Array(32) }));
    await teller.tell(roomEvent('blue'));
    await teller.outcome(1);
    const [delivery] = (await teller.webhooks.deliveries('default', id, { limit: 1 }))?.items ?? [];
    assert.match(delivery?.error ?? '', /MASTER_KEY/);
    assert.equal(receiver.received.length, 0);
  },

  async 'only what was asked for is told, and only of one project'(t, { open }) {
    const teller = await newTeller(t, await open());
    const [some, other] = [await newReceiver(t), await newReceiver(t)];
    await teller.webhooks.create('default', { url: some.url, events: ['participant.left', 'token.refused'] });
    await teller.webhooks.create('other', { url: other.url });
    await teller.webhooks.create('default', { url: other.url, active: false });
    teller.recorder.tokenRefused({
      ...{ at: 5, project: 'default', reason: 'token-expired', key: null, jti: 'j', user_id: 'eve', room: 'blue', address: null },
    });
    await teller.tell(roomEvent('blue'), { ...roomEvent('blue'), type: 'participant-left', reason: 'left' } as never);
    const received = await some.count(2);
    assert.deepEqual(received.map(({ type }) => type).sort(), ['participant.left', 'token.refused']);
    await teller.outcome(2);
    assert.equal(other.received.length, 0);
  },

  async 'a delivery is replayed under its id, and a test goes out at once'(t, { open }) {
    const teller = await newTeller(t, await open());
    const receiver = await newReceiver(t);
    const { id, secret } = await teller.webhooks.create('default', { url: receiver.url });
    await teller.tell(roomEvent('blue'));
    await teller.outcome(1);
    const [sent] = (await teller.webhooks.deliveries('default', id, { limit: 1 }))?.items ?? [];
    const again = await teller.webhooks.replay('default', id, sent?.id ?? '');
    await teller.outcome(2);
    assert.deepEqual([again?.event, again?.state], [sent?.event, 'waiting']);
    assert.equal(receiver.received[0]?.id, receiver.received[1]?.id);
    assert.equal(receiver.received[0]?.body, receiver.received[1]?.body);
    assert.partialDeepStrictEqual(await teller.webhooks.test('default', id), {
      type: 'webhook.test',
      state: 'delivered',
      status: 200,
    });
    verify(secret, await receiver.until(({ type }) => type === 'webhook.test'));
    receiver.answer = failing;
    assert.partialDeepStrictEqual(await teller.webhooks.test('default', id), { state: 'failed', error: 'It answered 500.' });
    assert.equal(await teller.webhooks.replay('default', id, 'nothing'), undefined);
    assert.equal(await teller.webhooks.test('other', id), undefined);
    assert.equal(await teller.webhooks.remove('other', id), false);
    assert.equal(await teller.webhooks.remove('default', id), true);
    assert.equal(await teller.webhooks.deliveries('default', id, { limit: 1 }), undefined);
  },

  async 'for a day after a change of the secret both sign'(t, { open }) {
    const clock = new Clock();
    const teller = await newTeller(t, await open(), { clock });
    const receiver = await newReceiver(t);
    const old = await teller.webhooks.create('default', { url: receiver.url });
    const fresh = await teller.webhooks.rotate('default', old.id);
    assert.ok(fresh);
    const inStore = JSON.stringify(await teller.webhooks.list('default', { limit: 5 }));
    assert.ok(!inStore.includes('whsec_'));
    const signatures = async () => {
      const count = receiver.received.length;
      await teller.tell(roomEvent('blue', count));
      return String((await receiver.count(count + 1)).at(-1)?.headers['webhook-signature']).split(' ').length;
    };
    assert.equal(await signatures(), 2);
    clock.now += DAY + 1;
    assert.equal(await signatures(), 1);
  },

  async 'what is told of twice after a crash is written once, and too much is dropped and counted'(t, { open }) {
    const store = await open();
    const teller = await newTeller(t, store, { maxWaiting: 5 });
    await teller.dispatcher.close();
    const { id } = await teller.webhooks.create('default', { url: 'http://127.0.0.1:1/' });
    const outgoing = { id: 'evt_1', project: 'default', type: 'room.started', lane: 'room:r', room: 'r', payload: '{}' };
    const add = (events: (typeof outgoing)[]) => store.database.transaction().execute(trx => teller.outbox.add(trx, events, 5));
    assert.deepEqual(await add([outgoing]), { added: 1, dropped: 0 });
    assert.deepEqual(await add([outgoing]), { added: 0, dropped: 0 });
    assert.equal(await teller.outbox.waiting(), 1);
    await teller.tell(...events('blue', 10));
    assert.equal(await teller.outbox.waiting(), 5);
    assert.equal((await teller.webhooks.get('default', id))?.dropped, 6);
    assert.deepEqual(teller.warnings, ['Too much waits for a webhook: events for it are dropped']);
  },
});
