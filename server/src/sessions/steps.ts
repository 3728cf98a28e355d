import type { RoomEvent } from '../session.ts';
import { type HistoryStep, type Remains, SERVER_LOST } from '../store/history.ts';

const stayOf = (session: string, participant: string) => `${session}/${participant}`;

/** What of an event is written into the rooms' past. */
export function stepOf(event: RoomEvent, server: string): HistoryStep | undefined {
  const { session, project, room, at } = event;
  switch (event.type) {
    case 'room-started':
      return { type: 'started', session: { id: session, project, room, server, started_at: at } };
    case 'room-ended':
      return { type: 'ended', session, at };
    case 'participant-joined': {
      const { participant, userId: user_id, name, role } = event;
      const id = stayOf(session, participant);
      return { type: 'joined', stay: { id, session, participant, project, room, user_id, name, role, joined_at: at } };
    }
    case 'participant-left':
      return { type: 'left', stay: stayOf(session, event.participant), session, at, reason: event.reason };
    case 'role-changed':
      return { type: 'role', stay: stayOf(session, event.participant), role: event.role };
    case 'participant-waiting':
    case 'moderated':
    case 'track-published':
    case 'track-unpublished':
      return undefined;
  }
}

/** What a dead server could not tell: that everybody left and its rooms ended, when it was last seen. */
export function lastEvents({ at, sessions, stays }: Remains): RoomEvent[] {
  const left = stays.map(({ session, participant, project, room, user_id: userId, name, role, joined_at }) => {
    const person = { participant, userId, name, role };
    return {
      type: 'participant-left',
      at: Math.max(at, joined_at),
      project,
      room,
      session,
      ...person,
      reason: SERVER_LOST,
    } as const;
  });
  const ended = sessions.map(({ id: session, project, room, started_at }) => {
    return { type: 'room-ended', at: Math.max(at, started_at), project, room, session } as const;
  });
  return [...left, ...ended];
}
