import type { FastifyInstance } from 'fastify';
import { historyHandlers } from './handlers/history.ts';
import { keyHandlers } from './handlers/keys.ts';
import { participantHandlers } from './handlers/participants.ts';
import { roomHandlers } from './handlers/rooms.ts';
import { timelineHandlers } from './handlers/timeline.ts';
import { tokenHandlers } from './handlers/tokens.ts';
import { webhookHandlers } from './handlers/webhooks.ts';
import type { ApiParts } from './ports.ts';
import { serveOperations } from './serve.ts';

/** The REST interface, `/api/v1`. */
export function apiRoutes(app: FastifyInstance, parts: ApiParts): void {
  const handlers = {
    ...tokenHandlers(parts),
    ...roomHandlers(parts),
    ...participantHandlers(parts),
    ...historyHandlers(parts),
    ...timelineHandlers(parts),
    ...webhookHandlers(parts),
    ...keyHandlers(parts),
  };
  serveOperations(app, handlers, parts);
}
