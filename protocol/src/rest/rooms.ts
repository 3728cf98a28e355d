import * as z from 'zod';
import { RoomName } from '../claims.ts';
import { RoleTable } from '../rights.ts';
import { RoomSettings } from '../room-settings.ts';
import { text } from '../text.ts';
import { pageOf, Time } from './values.ts';

/** `POST /rooms` */
export const CreateRoom = RoomSettings.extend({ room: RoomName }).meta({
  id: 'CreateRoom',
  examples: [{ room: 'meeting-room-1', max_participants: 50, lobby: true, metadata: { course: 7 } }],
});
export type CreateRoom = z.infer<typeof CreateRoom>;

/** A room that has settings, or in which somebody is. */
export const Room = z
  .object({
    room: RoomName,
    settings: RoomSettings,
    created_at: Time.nullable().meta({
      description: 'When it got its first settings; null: it has none, and is there because somebody is in it.',
    }),
    updated_at: Time.nullable(),
    live: z
      .object({
        participants: z.int(),
        waiting: z.int().meta({ description: 'In the lobby.' }),
      })
      .nullable()
      .meta({ description: 'The running call; null: nobody is in it.' }),
  })
  .meta({ id: 'Room' });
export type Room = z.infer<typeof Room>;

export const Rooms = pageOf(Room).meta({ id: 'Rooms' });

/** `POST /rooms/{room}/end` */
export const EndRoom = z
  .strictObject({ reason: text(256).optional().meta({ description: 'For the audit log.' }) })
  .meta({ id: 'EndRoom', examples: [{ reason: 'time is over' }] });
export type EndRoom = z.infer<typeof EndRoom>;

/** `POST /rooms/{room}/lock`: of the running call; `PUT /rooms/{room}` locks it for good. */
export const LockRoom = z.strictObject({ locked: z.boolean() }).meta({ id: 'LockRoom', examples: [{ locked: true }] });
export type LockRoom = z.infer<typeof LockRoom>;

/** `POST /rooms/{room}/messages` */
export const RoomMessage = z
  .strictObject({
    text: z.string().min(1).max(4_000).meta({ description: 'What they are told.' }),
    to: z.string().min(1).max(64).optional().meta({ description: 'The id of one participant. Default: everyone in the room.' }),
  })
  .meta({ id: 'RoomMessage', examples: [{ text: 'Five minutes left.' }] });
export type RoomMessage = z.infer<typeof RoomMessage>;

/** `GET` and `PUT /roles`: the table of the project. */
export const Roles = z
  .strictObject({
    roles: RoleTable.meta({ description: 'By role (`user_type`); roles that are left out have the default rights.' }),
  })
  .meta({ id: 'Roles', examples: [{ roles: { speaker: ['publish-microphone', 'receive', 'chat', 'see-list'] } }] });
export type Roles = z.infer<typeof Roles>;
