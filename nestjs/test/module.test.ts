import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { AqlinksClaims, AqlinksGuard, AqlinksModule, AqlinksService, TokenInvalid } from '../src/index.ts';
import { decorateMethod, newApp } from './new-app.ts';

const KEY = 'backend:the-secret-of-the-backend-0123456789-abcdef';
const SECRET = 'kJ8s0Xv2Qm9ZtR4wB7nY1cL5fH3gD6pA';
const URL = 'https://calls.example.com';

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

test('forRoot gives a service that invites people, here and without asking the server', async t => {
  const { app } = await newApp(t, { aqlinks: AqlinksModule.forRoot({ url: URL, key: KEY, ttl: 60 }) });
  const { token, wsUrl } = await app.get(AqlinksService).invite({ user_id: 'alice', room: 'r', user_type: 'host' });
  assert.equal(wsUrl, `wss://calls.example.com/aq_server/websocket?token=${token}`);
  const { iat, exp, iss, room } = claimsOf(token);
  assert.deepEqual([exp - iat, iss, room], [60, 'backend', 'r']);
  const longer = await app.get(AqlinksService).invite({ user_id: 'alice' }, { ttl: 600 });
  assert.equal(claimsOf(longer.token).exp - claimsOf(longer.token).iat, 600);
});

test('forRootAsync is given what it injects', async t => {
  class Settings {
    readonly secret = SECRET;
  }
  class SettingsModule {}
  Module({ providers: [Settings], exports: [Settings] })(SettingsModule);
  const aqlinks = AqlinksModule.forRootAsync({
    imports: [SettingsModule],
    inject: [Settings],
    useFactory: async (settings: Settings) => ({ url: URL, secret: settings.secret }),
  });
  const { app } = await newApp(t, { aqlinks });
  const service = app.get(AqlinksService);
  const { token } = await service.invite({ user_id: 'alice' });
  assert.equal((await service.verify(token)).user_id, 'alice');
  assert.throws(() => service.api, /needs a `key`/);
  await assert.rejects(service.verify(`${token}x`), TokenInvalid);
});

test('options that sign nothing, or a key of another form, do not start', async t => {
  await assert.rejects(newApp(t, { aqlinks: AqlinksModule.forRoot({ url: URL }) }), /give it a `key`/);
  await assert.rejects(newApp(t, { aqlinks: AqlinksModule.forRoot({ url: URL, key: 'nonsense' }) }), /id:secret/);
});

for (const adapter of ['express', 'fastify'] as const) {
  test(`the guard lets in who shows a token of the call, and hands its claims on (${adapter})`, async t => {
    class NotesController {
      read(room: string) {
        return { room };
      }
    }
    Controller('notes')(NotesController);
    UseGuards(AqlinksGuard)(NotesController);
    decorateMethod(NotesController, 'read', Get());
    AqlinksClaims('room')(NotesController.prototype, 'read', 0);
    const aqlinks = AqlinksModule.forRoot({ url: URL, key: KEY });
    const { app, origin } = await newApp(t, { aqlinks, controllers: [NotesController], adapter });
    const { token } = await app.get(AqlinksService).invite({ user_id: 'alice', room: 'blue' });
    const byHeader = await fetch(`${origin}/notes`, { headers: { authorization: `Bearer ${token}` } });
    assert.deepEqual([byHeader.status, await byHeader.json()], [200, { room: 'blue' }]);
    assert.equal((await fetch(`${origin}/notes?token=${token}`)).status, 200);
    assert.equal((await fetch(`${origin}/notes`)).status, 401);
    assert.equal((await fetch(`${origin}/notes?token=${token}x`)).status, 401);
    const expired = await app.get(AqlinksService).invite({ user_id: 'alice' }, { ttl: -1 });
    const late = await fetch(`${origin}/notes?token=${expired.token}`);
    assert.deepEqual([late.status, ((await late.json()) as { message: string }).message], [401, 'The token has expired.']);
  });
}
