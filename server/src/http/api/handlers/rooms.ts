import type { Page, Room, RoomSettings } from '@aqlinks/protocol';
import type { LiveParticipant, RoomControl } from '../../../session.ts';
import type { StoredRoom } from '../../../store/rooms.ts';
import { compare, pageOfAll, readCursor, writeCursor } from '../cursor.ts';
import type { SomeHandlers } from '../operations.ts';
import type { ApiParts } from '../ports.ts';
import { notFound } from '../problem.ts';
import { timeOf, timeOrNull } from '../time.ts';

type Names =
  | ('listRooms' | 'createRoom' | 'getRoom' | 'putRoom' | 'deleteRoom')
  | ('endRoom' | 'lockRoom' | 'sendMessage' | 'listBans' | 'liftBan');

export function roomHandlers({ store, rooms }: ApiParts): SomeHandlers<Names> {
  const live = (project: string, room: string) => rooms.participants(project, room);

  return {
    async listRooms({ project, query: { cursor, limit } }): Promise<Page<Room>> {
      const after = readCursor('rooms', cursor, ['string'])?.[0] as string | undefined;
      const stored = await store.rooms.list(project, { ...(after === undefined ? {} : { after }), limit: limit + 1 });
      const known = new Map(stored.map(room => [room.name, room]));
      const running = rooms
        .list(project)
        .flatMap(({ room }) => (after === undefined || compare([room], [after]) > 0 ? [room] : []));
      const names = [...new Set([...known.keys(), ...running])].sort((a, b) => compare([a], [b]));
      const page = names.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map(name => describe(name, known.get(name), live(project, name))),
        next_cursor: names.length > limit && last !== undefined ? writeCursor('rooms', [last]) : null,
      };
    },

    async createRoom({ project, body: { room, ...settings } }) {
      return describe(room, await store.rooms.create(project, room, settings), live(project, room));
    },

    async getRoom({ project, params: { room } }) {
      const stored = await store.rooms.find(project, room);
      const people = live(project, room);
      if (stored === undefined && people === undefined) throw notFound('room');
      return describe(room, stored, people);
    },

    async putRoom({ project, params: { room }, body }) {
      return describe(room, await store.rooms.put(project, room, body), live(project, room));
    },

    async deleteRoom({ project, params: { room } }) {
      const removed = await store.rooms.remove(project, room);
      const control = rooms.control(project, room);
      control?.end('deleted');
      if (!removed && control === undefined) throw notFound('room');
      return undefined;
    },

    endRoom({ project, params: { room }, body, note }) {
      note({ reason: body.reason });
      controlOf(rooms, project, room).end(body.reason);
      return undefined;
    },

    lockRoom({ project, params: { room }, body, note }) {
      note({ details: { locked: body.locked } });
      controlOf(rooms, project, room).lock(body.locked);
      return undefined;
    },

    sendMessage({ project, params: { room }, body: { text, to } }) {
      controlOf(rooms, project, room).send(text, to);
      return undefined;
    },

    async listBans({ project, params: { room }, query }) {
      const bans = await store.bans.list(project, room);
      const { items, next_cursor } = pageOfAll(bans, query, { list: 'bans', positionOf: ({ userId }) => [userId] });
      return {
        items: items.map(({ userId, createdAt, expiresAt, reason }) => ({
          ...{ user_id: userId, created_at: timeOf(createdAt), until: timeOrNull(expiresAt), reason: reason || null },
        })),
        next_cursor,
      };
    },

    async liftBan({ project, params: { room, user_id } }) {
      if (!(await store.bans.lift(project, room, user_id))) throw notFound('ban');
      return undefined;
    },
  };
}

/** Throws `ApiProblem` where nobody is in it. */
export function controlOf(rooms: ApiParts['rooms'], project: string, room: string): RoomControl {
  const control = rooms.control(project, room);
  if (control === undefined) throw notFound('room with somebody in it');
  return control;
}

function describe(room: string, stored: StoredRoom | undefined, people: readonly LiveParticipant[] | undefined): Room {
  const waiting = people?.filter(({ lobby }) => lobby).length ?? 0;
  return {
    room,
    settings: (stored?.settings ?? {}) as RoomSettings,
    created_at: timeOrNull(stored?.createdAt),
    updated_at: timeOrNull(stored?.updatedAt),
    live: people === undefined ? null : { participants: people.length - waiting, waiting },
  };
}
