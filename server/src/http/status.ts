import { DEFAULT_PROJECT, type Health, type RoomList } from '@aqlinks/protocol';
import type { FastifyInstance } from 'fastify';
import type { Rooms } from '../session.ts';
import type { Metrics } from './metrics/metrics.ts';

export interface StatusOptions {
  readonly rooms: Rooms;
  readonly metrics: Metrics;
  readonly closing: () => boolean;
  readonly reachable: () => boolean; // the database
}

/** `/health`, `/rooms` and `/metrics` (SPEC P43), for machines. */
export function statusRoutes(app: FastifyInstance, { rooms, metrics, closing, reachable }: StatusOptions): void {
  app.get('/health', async (_request, reply): Promise<Health> => {
    const timestamp = new Date().toISOString();
    const peers = countPeers(rooms.list());
    const database = reachable() ? 'reachable' : 'away';
    const message = database === 'away' ? 'aqlinks is running; its database is away.' : 'aqlinks is running.';
    if (!closing()) return { status: 'healthy', message, timestamp, peers, database }; // calls and joins go on without it
    reply.code(503);
    return { status: 'shutting-down', message: 'aqlinks is shutting down.', timestamp, peers, database };
  });

  app.get('/rooms', async (): Promise<RoomList> => {
    const list = rooms.list(DEFAULT_PROJECT); // other tenants' rooms are none of anybody's business
    return {
      timestamp: new Date().toISOString(),
      rooms: list.map(({ room, participants }) => ({ room_id: room, peer_count: participants })),
      total_rooms: list.length,
      total_peers: countPeers(list),
    };
  });

  app.get('/metrics', async (request, reply) => {
    if (/\bapplication\/json\b/.test(request.headers.accept ?? '')) return metrics.json();
    reply.type(metrics.contentType);
    return metrics.text();
  });
}

const countPeers = (list: ReturnType<Rooms['list']>) => list.reduce((sum, room) => sum + room.participants, 0);
