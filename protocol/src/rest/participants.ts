import * as z from 'zod';
import { RoomName, UserId } from '../claims.ts';
import { Source, Track } from '../model.ts';
import { Right } from '../rights.ts';
import { text } from '../text.ts';
import { duration, pageOf, Time } from './values.ts';

/** Somebody in a room, as the backend sees them. */
export const RoomParticipant = z
  .object({
    id: z.string().meta({ description: 'Of this connection, random.' }),
    user_id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    role: z.string(),
    rights: z.array(Right).meta({ description: 'What they may do now.' }),
    joined_at: Time,
    expires_at: Time.nullable().meta({ description: 'When the token expires that they are in with; null: never.' }),
    jti: z.string().nullable().meta({ description: 'The id of that token.' }),
    waiting: z.boolean().meta({ description: 'In the lobby, and not in the call yet.' }),
    connected: z.boolean().meta({ description: 'Whether media can flow.' }),
    tracks: z.array(Track).meta({ description: 'What they publish.' }),
  })
  .meta({ id: 'RoomParticipant' });
export type RoomParticipant = z.infer<typeof RoomParticipant>;

export const RoomParticipants = pageOf(RoomParticipant).meta({ id: 'RoomParticipants' });

/** `POST …/mute` */
export const MuteTrack = z
  .strictObject({ source: z.enum(['microphone', 'screen-audio']).default('microphone').meta({ description: 'What is muted.' }) })
  .meta({ id: 'MuteTrack', examples: [{ source: 'microphone' }] });
export type MuteTrack = z.infer<typeof MuteTrack>;

/** `POST …/ask-unmute` */
export const AskUnmute = z
  .strictObject({ source: Source.default('microphone').meta({ description: 'What they are asked for.' }) })
  .meta({ id: 'AskUnmute', examples: [{ source: 'camera' }] });
export type AskUnmute = z.infer<typeof AskUnmute>;

/** `POST …/stop-video` */
export const StopVideo = z
  .strictObject({ source: z.enum(['camera', 'screen']).default('camera').meta({ description: 'What is stopped.' }) })
  .meta({ id: 'StopVideo', examples: [{ source: 'camera' }] });
export type StopVideo = z.infer<typeof StopVideo>;

/** `POST …/role` */
export const ChangeRole = z.strictObject({ role: text(64) }).meta({ id: 'ChangeRole', examples: [{ role: 'presenter' }] });
export type ChangeRole = z.infer<typeof ChangeRole>;

/** `POST …/move` */
export const MoveParticipant = z
  .strictObject({ room: RoomName.meta({ description: 'The room of this project that they are moved to.' }) })
  .meta({ id: 'MoveParticipant', examples: [{ room: 'meeting-room-2' }] });
export type MoveParticipant = z.infer<typeof MoveParticipant>;

/** `POST …/remove` */
export const RemoveParticipant = z
  .strictObject({
    reason: text(256).optional().meta({ description: 'For the audit log.' }),
    ban: z
      .union([z.boolean(), duration(1, 366 * 86_400)])
      .optional()
      .meta({
        description:
          'Keeps this user out of this room: true for good, or for so many seconds. Default: false, they may come again.',
      }),
  })
  .meta({ id: 'RemoveParticipant', examples: [{ reason: 'noise', ban: '1h' }] });
export type RemoveParticipant = z.infer<typeof RemoveParticipant>;

/** A user who may not enter a room. */
export const Ban = z
  .object({
    user_id: UserId,
    created_at: Time,
    until: Time.nullable().meta({ description: 'null: for good.' }),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Ban' });
export type Ban = z.infer<typeof Ban>;

export const Bans = pageOf(Ban).meta({ id: 'Bans' });
