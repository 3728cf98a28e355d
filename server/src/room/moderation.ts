import type { Moderation } from '@aqlinks/protocol';
import { RequestError } from '../session.ts';
import { demand, demandAuthority, notAllowed, notHere, RIGHT_TO_MODERATE } from './authority.ts';
import { admit, isFull, leave, leaveAll } from './entrance.ts';
import type { Command, RoomEffect } from './inputs.ts';
import { mayPublish, type Person } from './person.ts';
import { changeRights } from './rights-change.ts';
import type { RoomState } from './state.ts';
import { hold, unpublish } from './tracks.ts';

/** What somebody in the room does to others, or to the room. Throws `RequestError`, and has changed nothing then. */
export function moderate(room: RoomState, actor: Person, act: Moderation): RoomEffect[] {
  const target = 'participant' in act ? room.find(act.participant) : undefined;
  const sendsAway = act.action === 'remove' && target !== undefined && room.lobby.has(target.id);
  demand(actor, sendsAway ? 'admit' : RIGHT_TO_MODERATE[act.action], 'do this');
  if (act.action === 'set-role' && target !== undefined) {
    demandAuthority(actor, target.rights, 'change the role of somebody who may more than you');
    demandAuthority(actor, room.rightsOf(act.role, undefined), 'give a role that may more than you');
  }
  if (act.action === 'remove' && target !== undefined && !sendsAway)
    demandAuthority(actor, target.rights, 'remove somebody who may more than you');
  const moderated = room.eventOf(actor, { type: 'moderated', act: act.action, target: target?.grant.userId });
  const effects = carryOut(room, act, actor.grant.name);
  return effects.length === 0 ? [] : [moderated, ...effects];
}

/** The same by somebody who may everything. `by`: the name that those concerned are told. */
export function carryOut(room: RoomState, act: Command, by: string | undefined): RoomEffect[] {
  switch (act.action) {
    case 'mute': {
      const person = present(room, act.participant);
      const held = hold(room, person, act.source);
      return [{ type: 'notify', to: person.id, notice: { type: 'muted-by', source: act.source, by } }, ...held];
    }
    case 'stop-video': {
      const person = present(room, act.participant);
      if (!person.tracks.has(act.source))
        throw new RequestError('not-found', `Their ${act.source} is not published: there is nothing to stop.`);
      return [
        { type: 'notify', to: person.id, notice: { type: 'muted-by', source: act.source, by } },
        { type: 'shut', participant: person.id, source: act.source },
        ...unpublish(room, person, act.source),
      ];
    }
    case 'ask-unmute': {
      const person = present(room, act.participant);
      if (!mayPublish(person.rights, act.source))
        throw notAllowed(`They may not publish their ${act.source}: change their role first.`);
      return [{ type: 'notify', to: person.id, notice: { type: 'ask-unmute', source: act.source, by } }];
    }
    case 'set-role': {
      const person = room.find(act.participant);
      if (person === undefined) throw notHere();
      room.memory.changeRole(person.grant.userId, { tokenRole: person.grant.role, role: act.role });
      return changeRights(room, person, act.role);
    }
    case 'admit': {
      const person = room.lobby.get(act.participant);
      if (person === undefined) throw notHere();
      if (isFull(room)) throw new RequestError('room-full', 'The room is full: nobody can be let in.');
      return admit(room, person);
    }
    case 'remove':
      return remove(room, act.participant, act.ban ? { reason: undefined, until: undefined } : undefined);
    case 'ban':
      return remove(room, act.participant, act);
    case 'lock':
      return changeDoor(room, { locked: act.locked, lobby: room.memory.lobby });
    case 'lobby':
      return changeDoor(room, { locked: room.memory.locked, lobby: act.lobby });
    case 'end':
      room.memory.ended = true;
      return leaveAll(room, 'ended', 'ended');
    case 'move': {
      const person = room.find(act.participant);
      if (person === undefined) throw notHere();
      return [
        { type: 'notify', to: person.id, notice: { type: 'moved', room: act.room } },
        ...leave(room, person, 'moved', 'moved'),
      ];
    }
    case 'send': {
      const people = act.to === undefined ? [...room.people.values()] : [present(room, act.to)];
      const notice = { type: 'room-message' as const, room: room.options.name, text: act.message, at: room.now };
      return people.map(({ id }) => ({ type: 'notify', to: id, notice }));
    }
  }
}

/** Who is in the room, not only in its lobby. */
function present(room: RoomState, participant: string): Person {
  const person = room.people.get(participant);
  if (person === undefined) throw notHere();
  return person;
}

function remove(
  room: RoomState,
  participant: string,
  ban: Pick<Command & { action: 'ban' }, 'reason' | 'until'> | undefined,
): RoomEffect[] {
  const person = room.find(participant);
  if (person === undefined) throw notHere();
  const { userId } = person.grant;
  room.memory.remember(userId, false);
  const { reason, until } = ban ?? {};
  return [
    ...(ban === undefined ? [] : [{ type: 'ban' as const, userId, reason, until }]),
    ...leave(room, person, 'removed', 'removed'),
  ];
}

/** Locks or unlocks, and switches the lobby. Without a lobby nobody waits: they come in, as many as there are places. */
export function changeDoor(room: RoomState, door: { readonly locked: boolean; readonly lobby: boolean }): RoomEffect[] {
  const { memory } = room;
  if (door.locked === memory.locked && door.lobby === memory.lobby) return [];
  memory.locked = door.locked;
  memory.lobby = door.lobby;
  const told = [...room.people.keys()].map(id => ({
    type: 'notify' as const,
    to: id,
    notice: { type: 'room-changed' as const, ...door },
  }));
  if (door.lobby) return told;
  return [...told, ...[...room.lobby.values()].flatMap(person => (isFull(room) ? [] : admit(room, person)))];
}
