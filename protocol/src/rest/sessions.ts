import * as z from 'zod';
import { RoomName, UserId } from '../claims.ts';
import { Moment, PageQuery, pageOf, Time } from './values.ts';

/** A call: the life of a room from its first participant to its last. */
export const RoomSession = z
  .object({
    id: z.string(),
    room: z.string(),
    started_at: Time,
    ended_at: Time.nullable().meta({ description: 'null: it runs.' }),
    participants: z.int().meta({ description: 'Stays in it; who came twice is counted twice.' }),
  })
  .meta({ id: 'RoomSession' });
export type RoomSession = z.infer<typeof RoomSession>;

export const RoomSessions = pageOf(RoomSession).meta({ id: 'RoomSessions' });

/** `GET /sessions`: the newest first. */
export const SessionQuery = PageQuery.extend({
  room: RoomName.optional(),
  user_id: UserId.optional().meta({ description: 'Calls in which this user was.' }),
  from: Moment.optional().meta({ description: 'Calls that started then or later.' }),
  to: Moment.optional().meta({ description: 'Calls that started before then.' }),
});
export type SessionQuery = z.infer<typeof SessionQuery>;

export const SessionParticipant = z
  .object({
    id: z.string(),
    user_id: z.string(),
    name: z.string(),
    role: z.string().meta({ description: 'The last one.' }),
    joined_at: Time,
    left_at: Time.nullable(),
    reason: z.string().nullable().meta({ description: 'Why they left.' }),
  })
  .meta({ id: 'SessionParticipant' });
export type SessionParticipant = z.infer<typeof SessionParticipant>;

/** `GET /sessions/{session}/participants`: the latest first. */
export const SessionParticipants = pageOf(SessionParticipant).meta({ id: 'SessionParticipants' });
