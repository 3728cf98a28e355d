import type { Right } from '@aqlinks/protocol';
import { forwardAll, SOURCES } from './entrance.ts';
import type { RoomEffect } from './inputs.ts';
import { asSeen, asWaiting, mayPublish, type Person, sees } from './person.ts';
import type { RoomState } from './state.ts';
import { tell, unpublish } from './tracks.ts';

/** Gives somebody the rights of a role, at once: they are told before it is done and after. */
export function changeRights(room: RoomState, person: Person, role: string): RoomEffect[] {
  const before = { role: person.role, rights: person.rights };
  const rights = room.rightsOf(role, person.grant.permissions);
  if (role === before.role && isEqual(rights, before.rights)) return [];
  person.role = role;
  if (!room.isIn(person)) {
    person.rights = rights;
    return [];
  }
  const told = { type: 'rights' as const, role, rights: [...rights] };
  const ended = endUnpermitted(room, person, rights); // while those who see only publishers still see them
  person.rights = rights;
  return [
    { type: 'notify', to: person.id, notice: { ...told, changing: true } },
    ...ended,
    ...SOURCES.filter(source => !mayPublish(before.rights, source) && mayPublish(rights, source)).map(source => ({
      type: 'permit' as const,
      participant: person.id,
      source,
    })),
    ...room.others(person).flatMap(other => changeView(person, before.rights, other)),
    ...changeLobbyView(room, person, before.rights),
    { type: 'notify', to: person.id, notice: { ...told, changing: false } },
    ...(role === before.role ? [] : changedRole(room, person, before.role)),
  ];
}

function endUnpermitted(room: RoomState, person: Person, rights: ReadonlySet<Right>): RoomEffect[] {
  return SOURCES.filter(source => mayPublish(person.rights, source) && !mayPublish(rights, source)).flatMap(source => [
    { type: 'shut', participant: person.id, source },
    ...unpublish(room, person, source),
  ]);
}

/** What a viewer is told and receives of another, by their rights before and now. */
function changeView(viewer: Person, before: ReadonlySet<Right>, other: Person): RoomEffect[] {
  const publishes = other.tracks.size > 0;
  const [saw, now] = [sees(before, publishes), sees(viewer.rights, publishes)];
  const [received, receives] = [before.has('receive'), viewer.rights.has('receive')];
  const effects: RoomEffect[] = [];
  if (received && !receives)
    for (const track of other.tracks.values()) effects.push({ type: 'stop-forwarding', track: track.id, to: viewer.id });
  if (saw && !now)
    effects.push({ type: 'notify', to: viewer.id, notice: { type: 'participant-left', participant: other.id, reason: 'left' } });
  if (!saw && now)
    effects.push({ type: 'notify', to: viewer.id, notice: { type: 'participant-joined', participant: asSeen(other) } });
  if (!received && receives) effects.push(...forwardAll(other, viewer.id));
  return effects;
}

function changeLobbyView(room: RoomState, { id, rights }: Person, before: ReadonlySet<Right>): RoomEffect[] {
  if (before.has('admit') === rights.has('admit')) return [];
  return [...room.lobby.values()].map(waiting => ({
    type: 'notify',
    to: id,
    notice: rights.has('admit')
      ? { type: 'lobby-joined', participant: asWaiting(waiting) }
      : { type: 'lobby-left', participant: waiting.id },
  }));
}

function changedRole(room: RoomState, person: Person, before: string): RoomEffect[] {
  return [
    ...tell(room, person, { type: 'role-changed', participant: person.id, role: person.role }),
    room.eventOf(person, { type: 'role-changed', before }),
  ];
}

const isEqual = (a: ReadonlySet<Right>, b: ReadonlySet<Right>) => a.size === b.size && [...a].every(right => b.has(right));
