import type { Ban, CreateRoom, Room, RoomSettings } from '@aqlinks/protocol';
import { UsageError } from '../command.ts';
import { type Columns, showDone, showPage, showThing } from '../output.ts';
import type { Asked, Noun, Option } from '../verb.ts';
import { given, PAGING, pageOf } from './paging.ts';

const COLUMNS: Columns<Room> = {
  room: room => room.room,
  participants: room => room.live?.participants ?? 0,
  waiting: room => room.live?.waiting ?? 0,
  max: room => room.settings.max_participants,
  lobby: room => room.settings.lobby ?? false,
  locked: room => room.settings.locked ?? false,
  created: room => room.created_at,
};

const BAN_COLUMNS: Columns<Ban> = {
  user: ban => ban.user_id,
  since: ban => ban.created_at,
  until: ban => ban.until ?? 'for good',
  reason: ban => ban.reason,
};

const SETTINGS: Readonly<Record<string, Option>> = {
  'max-participants': { value: 'NUMBER', summary: 'how many may be in it at once' },
  'empty-timeout': { value: 'SECONDS', summary: 'how long an empty room stays as the call left it' },
  lobby: { value: 'on|off', summary: 'whether whoever comes waits until somebody admits them' },
  locked: { value: 'on|off', summary: 'whether nobody comes in' },
  metadata: { value: 'JSON', summary: 'what your backend wants to remember' },
  roles: { value: 'JSON', summary: 'what roles may do here: {"viewer":["receive"]}' },
};

function settingsOf(asked: Asked): Partial<RoomSettings> {
  return given({
    max_participants: number(asked, 'max-participants'),
    empty_timeout: number(asked, 'empty-timeout'),
    lobby: onOff(asked, 'lobby'),
    locked: onOff(asked, 'locked'),
    metadata: json(asked, 'metadata') as CreateRoom['metadata'],
    roles: json(asked, 'roles') as CreateRoom['roles'],
  }) as Partial<RoomSettings>;
}

function number({ option }: Asked, name: string): number | undefined {
  const value = option(name);
  if (value === undefined || /^\d+$/.test(value)) return value === undefined ? undefined : Number(value);
  throw new UsageError(`--${name} ${value} is no whole number.`);
}

function onOff({ option }: Asked, name: string): boolean | undefined {
  const value = option(name);
  if (value === undefined || value === 'on' || value === 'off') return value === undefined ? undefined : value === 'on';
  throw new UsageError(`--${name} is on or off.`);
}

function json({ option }: Asked, name: string): unknown {
  const value = option(name);
  if (value === undefined) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    throw new UsageError(`--${name} is no JSON. Quote it for the shell: --${name} '{"a":1}'.`);
  }
}

const roomOf = (asked: Asked) => ({ params: { room: asked.arg('ROOM') } });

export const rooms: Noun = {
  summary: 'rooms: their settings, and the calls in them',
  verbs: {
    list: {
      summary: 'list rooms: those with settings, and those in which somebody is',
      options: PAGING,
      examples: ['rooms', 'rooms list --url https://calls.example.com --json'],
      async run(asked) {
        return showPage(asked, await asked.api.listRooms({ query: pageOf(asked) }), COLUMNS, 'There are no rooms.');
      },
    },
    create: {
      summary: 'create a room with settings of its own',
      args: ['ROOM'],
      options: SETTINGS,
      examples: ['rooms create meeting-room-1 --max-participants 50 --lobby on'],
      async run(asked) {
        return showThing(asked, await asked.api.createRoom({ body: { room: asked.arg('ROOM'), ...settingsOf(asked) } }));
      },
    },
    show: {
      summary: 'show a room',
      args: ['ROOM'],
      async run(asked) {
        return showThing(asked, await asked.api.getRoom(roomOf(asked)));
      },
    },
    update: {
      summary: 'change settings of a room, at once also for a running call; the others stay',
      args: ['ROOM'],
      options: SETTINGS,
      async run(asked) {
        const { settings } = await asked.api.getRoom(roomOf(asked));
        return showThing(asked, await asked.api.putRoom({ ...roomOf(asked), body: { ...settings, ...settingsOf(asked) } }));
      },
    },
    delete: {
      summary: 'forget the settings of a room, and end its call',
      args: ['ROOM'],
      async run(asked) {
        await asked.api.deleteRoom(roomOf(asked));
        return showDone(asked, `Deleted ${asked.arg('ROOM')}.`);
      },
    },
    end: {
      summary: 'end the call of a room for everyone',
      args: ['ROOM'],
      options: { reason: { value: 'TEXT', summary: 'for the audit log' } },
      async run(asked) {
        await asked.api.endRoom({ ...roomOf(asked), body: given({ reason: asked.option('reason') }) });
        return showDone(asked, `Ended the call in ${asked.arg('ROOM')}.`);
      },
    },
    lock: {
      summary: 'let nobody else into the running call',
      args: ['ROOM'],
      async run(asked) {
        await asked.api.lockRoom({ ...roomOf(asked), body: { locked: true } });
        return showDone(asked, `Locked ${asked.arg('ROOM')}.`);
      },
    },
    unlock: {
      summary: 'let people into the running call again',
      args: ['ROOM'],
      async run(asked) {
        await asked.api.lockRoom({ ...roomOf(asked), body: { locked: false } });
        return showDone(asked, `Unlocked ${asked.arg('ROOM')}.`);
      },
    },
    message: {
      summary: 'send a message to people in a room',
      args: ['ROOM', 'TEXT'],
      options: { to: { value: 'PARTICIPANT', summary: 'only to this one' } },
      examples: ['rooms message meeting-room-1 "Five minutes left."'],
      async run(asked) {
        await asked.api.sendMessage({
          ...roomOf(asked),
          body: { text: asked.arg('TEXT'), ...given({ to: asked.option('to') }) },
        });
        return showDone(asked, 'Sent.');
      },
    },
    bans: {
      summary: 'list the users who may not enter a room',
      args: ['ROOM'],
      options: PAGING,
      async run(asked) {
        const page = await asked.api.listBans({ ...roomOf(asked), query: pageOf(asked) });
        return showPage(asked, page, BAN_COLUMNS, 'Nobody is banned.');
      },
    },
    unban: {
      summary: 'let a user in again',
      args: ['ROOM', 'USER'],
      async run(asked) {
        await asked.api.liftBan({ params: { room: asked.arg('ROOM'), user_id: asked.arg('USER') } });
        return showDone(asked, `${asked.arg('USER')} may enter ${asked.arg('ROOM')} again.`);
      },
    },
  },
};
