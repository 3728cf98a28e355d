import type { WebhookEventType } from '@aqlinks/protocol';
import type { RoomEvent } from '../session.ts';
import type { EventType } from './webhooks.ts';

/** An event as it is told to whoever wants to hear it: written down before it is sent. */
export interface OutgoingEvent {
  readonly id: string; // the `webhook-id`
  readonly project: string;
  readonly type: EventType;
  readonly lane: string; // those of one lane arrive at an endpoint in their order
  readonly room: string | undefined;
  readonly at: number; // ms since 1970
  readonly payload: string; // JSON
}

/** What of a room's life is told. */
export function eventOf(event: RoomEvent, id: string): OutgoingEvent | undefined {
  const type = TYPES[event.type];
  if (type === undefined) return undefined;
  const { at, project, room } = event;
  return { id, project, type, lane: `room:${room}`, room, at, payload: payloadOf(type, at, dataOf(event)) };
}

const TYPES: Readonly<Record<RoomEvent['type'], WebhookEventType | undefined>> = {
  'room-started': 'room.started',
  'room-ended': 'room.ended',
  'participant-joined': 'participant.joined',
  'participant-left': 'participant.left',
  'participant-waiting': undefined,
  'track-published': 'track.published',
  'track-unpublished': 'track.unpublished',
  'role-changed': 'role.changed',
  moderated: undefined, // what comes of it is told
};

/** A token that opened nothing. What it says of itself was not verified. */
export interface RefusedToken {
  readonly at: number; // ms since 1970
  readonly project: string;
  readonly reason: string; // a `RefusalCode`
  readonly key: string | null;
  readonly jti: string | null;
  readonly user_id: string | null;
  readonly room: string | null;
  readonly address: string | null;
  readonly repeated?: number; // so many like it were not told one by one
}

export function refusedEventOf({ at, ...data }: RefusedToken, id: string): OutgoingEvent {
  const { project, room } = data;
  const type = 'token.refused';
  return { id, project, type, lane: 'tokens', room: room ?? undefined, at, payload: payloadOf(type, at, data) };
}

/** The body, in the form that Standard Webhooks advises. */
export const payloadOf = (type: EventType, at: number, data: object) =>
  JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });

function dataOf(event: RoomEvent): object {
  const { project, room, session: session_id } = event;
  const place = { project, room, session_id };
  switch (event.type) {
    case 'room-started':
    case 'room-ended':
      return place;
    case 'participant-joined':
    case 'participant-waiting':
    case 'moderated':
      return { ...place, participant: personOf(event) };
    case 'participant-left':
      return { ...place, participant: personOf(event), reason: event.reason };
    case 'track-published':
    case 'track-unpublished': {
      const { id, source, kind, muted } = event.track;
      return { ...place, participant: personOf(event), track: { id, source, kind, muted } };
    }
    case 'role-changed':
      return { ...place, participant: personOf(event), previous_role: event.before };
  }
}

const personOf = ({ participant, userId, name, role }: Extract<RoomEvent, { readonly participant: string }>) => ({
  id: participant,
  user_id: userId,
  name,
  role,
});
