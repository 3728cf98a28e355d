import type { FastifyInstance } from 'fastify';
import type { Rooms } from '../session.ts';
import { type Door, SOCKET_PATHS } from './door.ts';
import { refuse } from './refusal.ts';

/**
 * A browser tells a page nothing about an upgrade that was refused. A plain GET of the same address with the same token is
 * answered as the upgrade would have been, readable by pages of every origin that may connect (SPEC P5).
 */
export function whyRefusedRoutes(app: FastifyInstance, door: Door, rooms: Pick<Rooms, 'check'>): void {
  for (const path of SOCKET_PATHS) {
    app.get(path, async (request, reply) => {
      const { origin } = request.headers;
      reply.header('Vary', 'Origin');
      if (origin !== undefined && door.mayConnect(request.raw)) reply.header('Access-Control-Allow-Origin', origin);
      rooms.check(await door.admit(request.raw));
      reply.headers({ Upgrade: 'websocket', Connection: 'Upgrade' }); // RFC 9110 15.5.22
      throw refuse('upgrade-required', 'All is well, but this address speaks WebSocket (RFC 6455).');
    });
  }
}
