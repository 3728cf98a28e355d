import { type RoomParticipant, secondsOf } from '@aqlinks/protocol';
import type { LiveParticipant } from '../../../session.ts';
import { pageOfAll } from '../cursor.ts';
import type { Note } from '../note.ts';
import type { SomeHandlers } from '../operations.ts';
import type { ApiParts } from '../ports.ts';
import { notFound } from '../problem.ts';
import { timeOf, timeOrNull } from '../time.ts';
import { controlOf } from './rooms.ts';

type Names =
  | ('listParticipants' | 'getParticipant' | 'muteParticipant' | 'stopVideo' | 'askUnmute')
  | ('changeRole' | 'moveParticipant' | 'removeParticipant' | 'admitParticipant');

interface Where {
  readonly project: string;
  readonly params: { readonly room: string; readonly participant: string };
  readonly note: (note: Note) => void;
}

export function participantHandlers({ store, rooms, now }: ApiParts): SomeHandlers<Names> {
  const peopleOf = (project: string, room: string) => {
    const people = rooms.participants(project, room);
    if (people === undefined) throw notFound('room with somebody in it');
    return people;
  };
  const find = ({ project, params: { room, participant } }: Omit<Where, 'note'>) => {
    const found = peopleOf(project, room).find(({ id }) => id === participant);
    if (found === undefined) throw notFound('participant');
    return found;
  };
  /** Who is acted on, for the log as well, and the room's control. */
  const act = (where: Where) => {
    const person = find(where);
    where.note({ user: person.userId, details: { participant: person.id } });
    return { person, control: controlOf(rooms, where.project, where.params.room) };
  };

  return {
    listParticipants({ project, params: { room }, query }) {
      const people = peopleOf(project, room);
      const sorting = { list: 'participants', positionOf: ({ joinedAt, id }: LiveParticipant) => [joinedAt, id] };
      const { items, next_cursor } = pageOfAll(people, query, sorting);
      return { items: items.map(describe), next_cursor };
    },

    getParticipant: call => describe(find(call)),

    muteParticipant(call) {
      const { person, control } = act(call);
      control.mute(person.id, call.body.source);
      return undefined;
    },

    stopVideo(call) {
      const { person, control } = act(call);
      control.stopVideo(person.id, call.body.source);
      return undefined;
    },

    askUnmute(call) {
      const { person, control } = act(call);
      control.askUnmute(person.id, call.body.source);
      return undefined;
    },

    changeRole(call) {
      const { person, control } = act(call);
      call.note({ details: { participant: person.id, from: person.role, to: call.body.role } });
      control.setRole(person.id, call.body.role);
      return describe(find(call));
    },

    moveParticipant(call) {
      const { person, control } = act(call);
      call.note({ details: { participant: person.id, to: call.body.room } });
      control.move(person.id, call.body.room);
      return undefined;
    },

    async removeParticipant(call) {
      const { project, params, body } = call;
      const { person, control } = act(call);
      const { reason, ban = false } = body;
      call.note({ reason, details: { participant: person.id, ban } });
      if (ban !== false) {
        const seconds = ban === true ? undefined : secondsOf(ban);
        const expiresAt = seconds === undefined ? undefined : now() + seconds * 1_000;
        // Before they are out, so that nobody slips in again between the two.
        await store.bans.put({ project, room: params.room, userId: person.userId, reason: reason ?? '', expiresAt });
      }
      control.remove(person.id, reason === undefined ? {} : { reason });
      return undefined;
    },

    admitParticipant(call) {
      const { person, control } = act(call);
      control.admit(person.id);
      return undefined;
    },
  };
}

const describe = (person: LiveParticipant): RoomParticipant => ({
  ...{ id: person.id, user_id: person.userId, name: person.name, email: person.email ?? null, role: person.role },
  rights: [...person.rights],
  joined_at: timeOf(person.joinedAt),
  expires_at: timeOrNull(person.expiresAt),
  jti: person.jti ?? null,
  waiting: person.lobby,
  connected: person.connection === 'connected',
  tracks: [...person.tracks],
});
