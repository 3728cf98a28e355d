import type { Source, Track } from '@aqlinks/protocol';
import { type Notice, RequestError } from '../session.ts';
import type { RoomEffect } from './inputs.ts';
import { asSeen, mayPublish, type Person, sees } from './person.ts';
import type { RoomState } from './state.ts';

/** Nothing comes of a track that its publisher may not publish: the section is shut, and nobody hears of it. */
export function publish(room: RoomState, person: Person, track: Track): RoomEffect[] {
  if (!mayPublish(person.rights, track.source)) return [{ type: 'shut', participant: person.id, source: track.source }];
  const publishedBefore = person.tracks.size > 0;
  person.tracks.set(track.source, track);
  const seen = asSeen(person);
  const told = room.others(person).flatMap(({ id, rights }): RoomEffect[] => {
    if (!sees(rights, true)) return [];
    const notice: Notice = sees(rights, publishedBefore)
      ? { type: 'track-published', participant: person.id, track }
      : { type: 'participant-joined', participant: seen }; // to whoever sees only those who publish
    return [{ type: 'notify', to: id, notice }];
  });
  return [
    { type: 'take-track', track: track.id },
    ...told,
    ...receivers(room, person).map(({ id }) => ({ type: 'forward' as const, from: person.id, track, to: id })),
    room.eventOf(person, { type: 'track-published', track }),
  ];
}

export function unpublish(room: RoomState, person: Person, source: Source): RoomEffect[] {
  const track = person.tracks.get(source);
  if (track === undefined) return [];
  person.tracks.delete(source);
  person.held.delete(source);
  const publishes = person.tracks.size > 0;
  const told = room.others(person).flatMap(({ id, rights }): RoomEffect[] => {
    if (!sees(rights, true)) return [];
    const notice: Notice = sees(rights, publishes)
      ? { type: 'track-unpublished', participant: person.id, track: track.id }
      : { type: 'participant-left', participant: person.id, reason: 'left' };
    return [{ type: 'notify', to: id, notice }];
  });
  return [...told, ...stop(room, person, track), room.eventOf(person, { type: 'track-unpublished', track })];
}

/** By its publisher. Who unmutes is heard again, whoever muted. */
export function mute(room: RoomState, person: Person, source: Source, muted: boolean): RoomEffect[] {
  const track = person.tracks.get(source);
  if (track === undefined)
    throw new RequestError('invalid-data', `Your ${source} is not published: publish it before you mute it.`);
  const released: RoomEffect[] = !muted && person.held.delete(source) ? [{ type: 'hold', track: track.id, held: false }] : [];
  return [...released, ...setMuted(room, person, track, muted)];
}

/** By somebody else: from now on nothing of it is forwarded, whatever its publisher sends. */
export function hold(room: RoomState, person: Person, source: Source): RoomEffect[] {
  const track = person.tracks.get(source);
  if (track === undefined) throw new RequestError('not-found', `Their ${source} is not published: there is nothing to mute.`);
  const held: RoomEffect[] = person.held.has(source) ? [] : [{ type: 'hold', track: track.id, held: true }];
  person.held.add(source);
  return [...held, ...setMuted(room, person, track, true)];
}

function setMuted(room: RoomState, person: Person, track: Track, muted: boolean): RoomEffect[] {
  if (track.muted === muted) return [];
  person.tracks.set(track.source, { ...track, muted });
  return tell(room, person, { type: 'track-muted', participant: person.id, track: track.id, muted });
}

/** It is gone from the media; its receivers' next offers say so. */
export function stop(room: RoomState, person: Person, track: Track): RoomEffect[] {
  const stopped = receivers(room, person).map(({ id }) => ({ type: 'stop-forwarding' as const, track: track.id, to: id }));
  return [{ type: 'end-track', track: track.id }, ...stopped];
}

/** To the others who see this person. */
export function tell(room: RoomState, person: Person, notice: Notice, publishes = person.tracks.size > 0): RoomEffect[] {
  return room
    .others(person)
    .filter(({ rights }) => sees(rights, publishes))
    .map(({ id }) => ({ type: 'notify', to: id, notice }));
}

function receivers(room: RoomState, person: Person): Person[] {
  return room.others(person).filter(({ rights }) => rights.has('receive'));
}
