import { type CloseName, type LeaveReason, RIGHT_TO_PUBLISH, type Source } from '@aqlinks/protocol';
import { type Grant, JoinRefused, type Notice } from '../session.ts';
import { expiryOf } from './expiry.ts';
import type { RoomEffect } from './inputs.ts';
import { asSeen, asWaiting, mayPublish, type Person, sees } from './person.ts';
import type { RoomState } from './state.ts';
import { stop, tell } from './tracks.ts';

/** Throws `JoinRefused` where this person may not come in, nor wait in the lobby. Who is here already takes no further place. */
export function checkEntrance(room: RoomState, grant: Grant): void {
  const older = room.byUser.get(grant.userId);
  if (older !== undefined && room.isIn(older)) return;
  const { memory, maxParticipants } = room;
  const rights = rightsOf(room, grant);
  if (memory.ended && !rights.has('end'))
    throw new JoinRefused('room-locked', 'This room was ended: it can be joined again later.');
  if (memory.locked && !memory.wasIn(grant.userId) && !rights.has('lock'))
    throw new JoinRefused('room-locked', 'This room is locked: ask somebody in it to let you in.');
  const here = mustWait(room, grant) ? room.lobby : room.people;
  const places = older === undefined ? maxParticipants : maxParticipants + Number(here.has(older.id));
  if (here.size >= places) throw full(maxParticipants);
}

/** Throws as `checkEntrance` does, and has changed nothing then. */
export function join(room: RoomState, id: string, grant: Grant): RoomEffect[] {
  checkEntrance(room, grant);
  const older = room.byUser.get(grant.userId);
  const waits = mustWait(room, grant);
  const replaced = older === undefined ? [] : leave(room, older, 'replaced', 'replaced');
  const role = room.memory.roleOf(grant.userId, grant.role);
  const rights = room.rightsOf(role, grant.permissions);
  const expiry = expiryOf(grant.expiresAt);
  const person: Person = { id, joinedAt: room.now, tracks: new Map(), held: new Set(), grant, role, rights, expiry };
  return [...replaced, ...(waits ? wait(room, person) : enter(room, person))];
}

/** Who waited comes in. */
export function admit(room: RoomState, person: Person): RoomEffect[] {
  room.lobby.delete(person.id);
  return [...room.tellAdmitters({ type: 'lobby-left', participant: person.id }), ...enter(room, person)];
}

export const isFull = (room: RoomState) => room.people.size >= room.maxParticipants;

export function leave(room: RoomState, person: Person, reason: LeaveReason, close: CloseName | undefined): RoomEffect[] {
  room.byUser.delete(person.grant.userId);
  const dismissed: RoomEffect = { type: 'dismiss', participant: person.id, close };
  if (room.lobby.delete(person.id)) return [dismissed, ...room.tellAdmitters({ type: 'lobby-left', participant: person.id })];
  room.people.delete(person.id);
  return [
    dismissed,
    ...tell(room, person, { type: 'participant-left', participant: person.id, reason }),
    ...[...person.tracks.values()].flatMap(track => stop(room, person, track)),
    room.eventOf(person, { type: 'participant-left', reason }),
  ];
}

/** Ends it for all: nobody is told of the others. */
export function leaveAll(room: RoomState, reason: LeaveReason, close: CloseName, notice?: Notice): RoomEffect[] {
  const people = [...room.people.values()];
  const everybody = [...people, ...room.lobby.values()];
  for (const list of [room.people, room.lobby, room.byUser]) list.clear();
  return [
    ...everybody.flatMap(({ id }): RoomEffect[] => [
      ...(notice === undefined ? [] : [{ type: 'notify' as const, to: id, notice }]),
      { type: 'dismiss', participant: id, close },
    ]),
    ...people.map(person => room.eventOf(person, { type: 'participant-left', reason })),
  ];
}

/** Whoever may let others in, or was let in before, does not wait; nor who replaces a connection that is in. */
function mustWait(room: RoomState, grant: Grant): boolean {
  if (!room.memory.lobby || room.memory.wasIn(grant.userId)) return false;
  return !rightsOf(room, grant).has('admit');
}

function wait(room: RoomState, person: Person): RoomEffect[] {
  room.lobby.set(person.id, person);
  room.byUser.set(person.grant.userId, person);
  return [
    { type: 'notify', to: person.id, notice: { type: 'waiting', room: room.options.name } },
    ...room.tellAdmitters({ type: 'lobby-joined', participant: asWaiting(person) }),
    room.eventOf(person, { type: 'participant-waiting' }),
  ];
}

function enter(room: RoomState, person: Person): RoomEffect[] {
  const { memory } = room;
  const { id, rights } = person;
  const others = [...room.people.values()];
  room.people.set(id, person);
  room.byUser.set(person.grant.userId, person);
  memory.remember(person.grant.userId, true);
  if (rights.has('end')) memory.ended = false;
  const seen = others.filter(other => sees(rights, other.tracks.size > 0)).map(asSeen);
  const waiting = rights.has('admit') ? [...room.lobby.values()].map(asWaiting) : [];
  const { locked, lobby } = memory;
  const joined = { type: 'joined' as const, room: room.options.name, self: asSeen(person), others: seen, locked, lobby, waiting };
  return [
    { type: 'open', participant: id },
    { type: 'notify', to: id, notice: { ...joined, rights: [...rights] } },
    ...SOURCES.filter(source => !mayPublish(rights, source)).map(source => ({ type: 'shut' as const, participant: id, source })),
    ...tell(room, person, { type: 'participant-joined', participant: asSeen(person) }),
    ...(rights.has('receive') ? others.flatMap(from => forwardAll(from, id)) : []),
    room.eventOf(person, { type: 'participant-joined' }),
  ];
}

/** All that somebody publishes, to another. */
export function forwardAll(from: Person, to: string): RoomEffect[] {
  return [...from.tracks.values()].map(track => ({ type: 'forward', from: from.id, track, to }));
}

export const SOURCES = Object.keys(RIGHT_TO_PUBLISH) as readonly Source[];

const rightsOf = (room: RoomState, { userId, role, permissions }: Grant) =>
  room.rightsOf(room.memory.roleOf(userId, role), permissions);

const full = (places: number) => new JoinRefused('room-full', `This room is full, with ${places} in it: try again later.`);
