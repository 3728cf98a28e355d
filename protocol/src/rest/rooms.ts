import * as z from 'zod';
import { RoomName } from '../claims.ts';
import { RoleTable } from '../rights.ts';
import { pageOf, Time } from './values.ts';

export const METADATA_BYTES = 4_096; // as JSON in UTF-8

const isSmall = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length <= METADATA_BYTES;

/** What a room is like, whether or not anybody is in it. What is left out has its default. */
export const RoomSettings = z
  .strictObject({
    max_participants: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .meta({ description: 'How many may be in it at once, also under simultaneous joins. Default and limit: MAX_PARTICIPANTS_PER_ROOM.' }),
    empty_timeout: z
      .int()
      .min(0)
      .max(86_400)
      .optional()
      .meta({ description: 'Seconds for which an empty room stays locked, if somebody locked it during the call. Default: 300.' }),
    lobby: z.boolean().optional().meta({ description: 'Whoever may not admit waits until somebody lets them in. Default: false.' }),
    locked: z.boolean().optional().meta({ description: 'Nobody new gets in. Default: false.' }),
    metadata: z
      .record(z.string().max(128), z.unknown())
      .check(z.refine(isSmall, `must be at most ${METADATA_BYTES} bytes of JSON`))
      .optional()
      .meta({ description: `Your own things about it: a JSON object of at most ${METADATA_BYTES} bytes. Default: {}.` }),
    roles: RoleTable.optional().meta({
      description: 'What each role (`user_type`) may do here; roles that are left out are as the project has them.',
    }),
  })
  .meta({ id: 'RoomSettings' });
export type RoomSettings = z.infer<typeof RoomSettings>;

/** `POST /rooms` */
export const CreateRoom = RoomSettings.extend({ room: RoomName }).meta({ id: 'CreateRoom' });
export type CreateRoom = z.infer<typeof CreateRoom>;

/** A room that has settings, or in which somebody is. */
export const Room = z
  .object({
    room: RoomName,
    settings: RoomSettings,
    created_at: Time.nullable().meta({ description: 'When it got its first settings; null: it has none, and is there because somebody is in it.' }),
    updated_at: Time.nullable(),
    live: z
      .object({
        session_id: z.string().meta({ description: 'Of this call: from the first participant to the last.' }),
        started_at: Time,
        participants: z.int(),
        waiting: z.int().meta({ description: 'In the lobby.' }),
        locked: z.boolean(),
      })
      .nullable()
      .meta({ description: 'The running call; null: nobody is in it.' }),
  })
  .meta({ id: 'Room' });
export type Room = z.infer<typeof Room>;

export const Rooms = pageOf(Room).meta({ id: 'Rooms' });

/** `POST /rooms/{room}/end` */
export const EndRoom = z
  .strictObject({ reason: z.string().min(1).max(256).optional().meta({ description: 'For the audit log.' }) })
  .meta({ id: 'EndRoom' });
export type EndRoom = z.infer<typeof EndRoom>;

/** `POST /rooms/{room}/lock`: of the running call; `PUT /rooms/{room}` locks it for good. */
export const LockRoom = z.strictObject({ locked: z.boolean() }).meta({ id: 'LockRoom' });
export type LockRoom = z.infer<typeof LockRoom>;

/** `POST /rooms/{room}/messages` */
export const RoomMessage = z
  .strictObject({
    text: z.string().min(1).max(4_000).meta({ description: 'What they are told.' }),
    to: z.string().min(1).max(64).optional().meta({ description: 'The id of one participant. Default: everyone in the room.' }),
  })
  .meta({ id: 'RoomMessage' });
export type RoomMessage = z.infer<typeof RoomMessage>;

/** `GET` and `PUT /roles`: the table of the project. */
export const Roles = z
  .strictObject({ roles: RoleTable.meta({ description: 'By role (`user_type`); roles that are left out have the default rights.' }) })
  .meta({ id: 'Roles' });
export type Roles = z.infer<typeof Roles>;
