import type { CloseName, LeaveReason, Participant, Source, Track } from '@aqlinks/protocol';
import { type Grant, JoinRefused, type Notice, RequestError } from '../session.ts';

/** What happened to a room. Participants are named by their ids, which mean nothing in another room. */
export type RoomInput =
  | { readonly type: 'join'; readonly participant: string; readonly grant: Grant }
  /** `close`: what the client is told, if it does not know yet. */
  | { readonly type: 'leave'; readonly participant: string; readonly reason: LeaveReason; readonly close: CloseName | undefined }
  | { readonly type: 'publish'; readonly participant: string; readonly track: Omit<Track, 'muted'> }
  | { readonly type: 'unpublish'; readonly participant: string; readonly source: Source }
  | { readonly type: 'mute'; readonly participant: string; readonly source: Source; readonly muted: boolean }
  | { readonly type: 'chat'; readonly participant: string; readonly text: string };

/** What is to be done about it, in this order. */
export type RoomEffect =
  | { readonly type: 'notify'; readonly to: string; readonly notice: Notice }
  | { readonly type: 'forward'; readonly from: string; readonly track: Track; readonly to: string }
  /** Only to those who stay: whoever leaves loses all subscriptions anyway. */
  | { readonly type: 'stop-forwarding'; readonly track: string; readonly to: string }
  /** Its track is not published any more. */
  | { readonly type: 'end-track'; readonly track: string }
  /** The connection is over. */
  | { readonly type: 'dismiss'; readonly participant: string; readonly close: CloseName | undefined };

interface Person {
  readonly id: string;
  readonly grant: Grant;
  readonly tracks: Map<Source, Track>;
}

/**
 * Who is in one room, who publishes what, who receives what: everyone receives every track of the others. It does
 * nothing itself: each input answers with the effects to carry out. An input costs what its fan-out costs, not more.
 */
export class Room {
  readonly #name: string;
  readonly #maxParticipants: number;
  readonly #people = new Map<string, Person>();
  readonly #byUser = new Map<string, Person>();

  constructor(name: string, maxParticipants: number) {
    this.#name = name;
    this.#maxParticipants = maxParticipants;
  }

  get size(): number {
    return this.#people.size;
  }

  hasUser(userId: string): boolean {
    return this.#byUser.has(userId);
  }

  /** Throws `JoinRefused` when there is no place for this user. Who is here already takes no further one. */
  check(userId: string): void {
    if (this.#byUser.has(userId) || this.#people.size < this.#maxParticipants) return;
    throw new JoinRefused('room-full', `This room is full, with ${this.#maxParticipants} in it: try again later.`);
  }

  /** Throws `JoinRefused` or `RequestError`, and has changed nothing then. An input from someone who is not here does nothing. */
  handle(now: number, input: RoomInput): RoomEffect[] {
    if (input.type === 'join') return this.#join(input.participant, input.grant);
    const person = this.#people.get(input.participant);
    if (person === undefined) return [];
    switch (input.type) {
      case 'leave':
        return this.#leave(person, input.reason, input.close);
      case 'publish':
        return this.#publish(person, { ...input.track, muted: false });
      case 'unpublish':
        return this.#unpublish(person, input.source);
      case 'mute':
        return this.#mute(person, input.source, input.muted);
      case 'chat':
        return this.#tell(person, { type: 'chat', participant: person.id, name: person.grant.name, text: input.text, at: now });
    }
  }

  #join(id: string, grant: Grant): RoomEffect[] {
    this.check(grant.userId);
    const older = this.#byUser.get(grant.userId);
    const replaced = older === undefined ? [] : this.#leave(older, 'replaced', 'replaced');
    const person: Person = { id, grant, tracks: new Map() };
    const others = [...this.#people.values()];
    this.#people.set(id, person);
    this.#byUser.set(grant.userId, person);
    return [
      ...replaced,
      { type: 'notify', to: id, notice: { type: 'joined', room: this.#name, self: asSeen(person), others: others.map(asSeen) } },
      ...this.#tell(person, { type: 'participant-joined', participant: asSeen(person) }),
      ...others.flatMap(from =>
        [...from.tracks.values()].map(track => ({ type: 'forward' as const, from: from.id, track, to: id })),
      ),
    ];
  }

  #leave(person: Person, reason: LeaveReason, close: CloseName | undefined): RoomEffect[] {
    this.#people.delete(person.id);
    this.#byUser.delete(person.grant.userId);
    const tracks = [...person.tracks.values()];
    return [
      { type: 'dismiss', participant: person.id, close },
      ...this.#tell(person, { type: 'participant-left', participant: person.id, reason }),
      ...tracks.flatMap(track => this.#stop(person, track)),
    ];
  }

  #publish(person: Person, track: Track): RoomEffect[] {
    person.tracks.set(track.source, track);
    return [
      ...this.#tell(person, { type: 'track-published', participant: person.id, track }),
      ...this.#others(person).map(({ id }) => ({ type: 'forward' as const, from: person.id, track, to: id })),
    ];
  }

  #unpublish(person: Person, source: Source): RoomEffect[] {
    const track = person.tracks.get(source);
    if (track === undefined) return [];
    person.tracks.delete(source);
    return [
      ...this.#tell(person, { type: 'track-unpublished', participant: person.id, track: track.id }),
      ...this.#stop(person, track),
    ];
  }

  #mute(person: Person, source: Source, muted: boolean): RoomEffect[] {
    const track = person.tracks.get(source);
    if (track === undefined)
      throw new RequestError('invalid-data', `Your ${source} is not published: publish it before you mute it.`);
    if (track.muted === muted) return [];
    person.tracks.set(source, { ...track, muted });
    return this.#tell(person, { type: 'track-muted', participant: person.id, track: track.id, muted });
  }

  #stop(person: Person, track: Track): RoomEffect[] {
    const stopped = this.#others(person).map(({ id }) => ({ type: 'stop-forwarding' as const, track: track.id, to: id }));
    return [{ type: 'end-track', track: track.id }, ...stopped];
  }

  #tell(person: Person, notice: Notice): RoomEffect[] {
    return this.#others(person).map(({ id }) => ({ type: 'notify', to: id, notice }));
  }

  #others(person: Person): Person[] {
    return [...this.#people.values()].filter(other => other !== person);
  }
}

function asSeen({ id, grant, tracks }: Person): Participant {
  return { id, userId: grant.userId, name: grant.name, role: grant.role, tracks: [...tracks.values()] };
}
