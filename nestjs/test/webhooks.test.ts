import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Controller } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { AqlinksModule, type EventDelivery, OnRoomEvent, type RoomEvent } from '../src/index.ts';
import { type Adapter, decorateMethod, newApp } from './new-app.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const inRoom = { project: 'default', room: 'blue', session_id: 's1' };
const participant = { id: 'p1', user_id: 'alice', name: 'Alice', role: 'host' };
const event = (type: string, data: object) => JSON.stringify({ type, timestamp: '2026-01-01T00:00:00.000Z', data });
const JOINED = event('participant.joined', { ...inRoom, participant });
const ENDED = event('room.ended', inRoom);

async function post(
  origin: string,
  body: string,
  { path = 'aqlinks/webhooks', at = new Date(), id = 'msg_1', secret = SECRET } = {},
) {
  const response = await fetch(`${origin}/${path}`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    },
  });
  return response.status;
}

/** An application that writes down what its handlers are given. */
async function newListener(t: TestContext, options: { adapter?: Adapter; rawBody?: boolean; webhookPath?: string } = {}) {
  const heard: string[] = [];
  class Attendance {
    joined({ data }: RoomEvent<'participant.joined'>, { id }: EventDelivery) {
      heard.push(`${data.participant.user_id} joined ${data.room} (${id})`);
    }
    async anything({ type }: RoomEvent<'room.started' | 'room.ended'>) {
      await Promise.resolve();
      heard.push(type);
    }
    other() {
      heard.push('must not be called');
    }
  }
  decorateMethod(Attendance, 'joined', OnRoomEvent('participant.joined') as MethodDecorator);
  decorateMethod(Attendance, 'anything', OnRoomEvent('room.started', 'room.ended') as MethodDecorator);
  class RoomsController {
    ended() {
      heard.push('and a controller heard it');
    }
  }
  Controller('rooms')(RoomsController);
  decorateMethod(RoomsController, 'ended', OnRoomEvent('room.ended') as MethodDecorator);
  const { webhookPath, ...rest } = options;
  const aqlinks = AqlinksModule.forRoot({
    ...{ url: 'https://calls.example.com', key: 'a:b', webhookSecret: SECRET },
    ...(webhookPath !== undefined && { webhookPath }),
  });
  const { origin } = await newApp(t, { aqlinks, providers: [Attendance], controllers: [RoomsController], ...rest });
  return { origin, heard };
}

for (const adapter of ['express', 'fastify'] as const) {
  test(`webhooks arrive at the handlers of their type, in providers and controllers (${adapter})`, async t => {
    const { origin, heard } = await newListener(t, { adapter });
    assert.equal(await post(origin, JOINED), 204);
    assert.deepEqual(heard, ['alice joined blue (msg_1)']);
    assert.equal(await post(origin, ENDED), 204);
    assert.deepEqual(heard.slice(1), ['room.ended', 'and a controller heard it']);
  });

  test(`what the server did not sign, or long ago, is refused and reaches no handler (${adapter})`, async t => {
    const { origin, heard } = await newListener(t, { adapter });
    const minutes = (count: number) => new Date(Date.now() + count * 60_000);
    const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
    assert.equal(await post(origin, JOINED, { secret: other }), 401);
    assert.equal(await post(origin, JOINED, { at: minutes(-6) }), 401);
    assert.equal(await post(origin, JOINED, { at: minutes(6) }), 401);
    const unsigned = await fetch(`${origin}/aqlinks/webhooks`, {
      method: 'POST',
      body: JOINED,
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(unsigned.status, 401);
    assert.deepEqual(heard, []);
  });
}

test('an event that nobody handles, or of an unknown kind, is taken', async t => {
  const { origin, heard } = await newListener(t);
  assert.equal(await post(origin, event('webhook.test', {})), 204);
  assert.equal(await post(origin, event('role.changed', { ...inRoom, participant, previous_role: 'guest' })), 204);
  assert.deepEqual(heard, []);
});

test('a handler that fails makes the server send the event again', async t => {
  let tries = 0;
  class Flaky {
    async ended() {
      tries += 1;
      if (tries === 1) throw new Error('the database is away');
    }
  }
  decorateMethod(Flaky, 'ended', OnRoomEvent('room.ended') as MethodDecorator);
  const aqlinks = AqlinksModule.forRoot({ url: 'https://calls.example.com', key: 'a:b', webhookSecret: SECRET });
  const { origin } = await newApp(t, { aqlinks, providers: [Flaky] });
  assert.deepEqual([await post(origin, ENDED), await post(origin, ENDED)], [500, 204]);
});

test('the path of webhooks is chosen by the application', async t => {
  const { origin } = await newListener(t, { webhookPath: 'hooks/calls' });
  assert.equal(await post(origin, ENDED, { path: 'hooks/calls' }), 204);
  assert.equal(await post(origin, ENDED), 404);
});

test('an application without raw bodies is told what to do', async t => {
  const { origin, heard } = await newListener(t, { rawBody: false });
  assert.equal(await post(origin, ENDED), 500);
  assert.deepEqual(heard, []);
});
