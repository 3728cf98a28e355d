import * as z from 'zod';
import { Cursor, Identifier, Time } from './values.ts';

const ratio = z.number().min(0).max(1).optional();

/** How one participant's connection did in the `interval` before `at`. What is not known is absent. */
export const QualitySample = z
  .object({
    at: Time,
    round_trip: z.number().optional().meta({ description: 'Milliseconds, from RTCP.' }),
    loss_up: ratio.meta({ description: 'Part of the packets that it sent and the server did not get.' }),
    loss_down: ratio.meta({ description: 'Part of the packets sent to it that it did not get.' }),
    bitrate_up: z.number().meta({ description: 'Bits a second from it.' }),
    bitrate_down: z.number().meta({ description: 'Bits a second to it.' }),
    estimate: z.number().optional().meta({ description: 'Bits a second that its path carries, as the server estimates.' }),
    demand: z.number().meta({ description: 'Bits a second that would be sent to it if there were no limit.' }),
    nacks_up: z.number().meta({ description: 'Packets that the server asked it for again.' }),
    nacks_down: z.number().meta({ description: 'Packets that it asked for again.' }),
    key_frames_asked: z.number().meta({ description: 'Key frames asked of its videos.' }),
  })
  .meta({ id: 'QualitySample' });

/** Something that happened: `type` is one of the events of rooms (`participant-joined`, `track-published`, …) or of quality (`receiving`, `bandwidth`, …). */
export const TimelineEvent = z
  .object({
    at: Time,
    type: z.string(),
    participant: z.string().nullable().meta({ description: 'Of whom; null: of the room.' }),
    details: z.record(z.string(), z.unknown()).meta({ description: 'The rest of what is known, by the type.' }),
  })
  .meta({ id: 'TimelineEvent' });

/** Why a call was bad: the last hour of it, page by page of its participants. */
export const CallTimeline = z
  .object({
    session: z.string(),
    room: z.string(),
    ended_at: Time.nullable().meta({ description: 'null: it runs.' }),
    interval: z.number().meta({ description: 'Seconds between two samples.' }),
    items: z.array(z.object({ participant: z.string(), user_id: z.string(), name: z.string(), samples: z.array(QualitySample) })),
    events: z.array(TimelineEvent).meta({ description: 'Of the room, and of the participants of this page.' }),
    next_cursor: z.string().nullable().meta({ description: 'Give it as `cursor` for the next page; null: this was the last.' }),
  })
  .meta({ id: 'CallTimeline' });

/** `GET /sessions/{session}/timeline` */
export const TimelineQuery = z.strictObject({
  participant: Identifier.optional().meta({ description: 'This one alone.' }),
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20).meta({ description: 'Participants of a page at most.' }),
});
