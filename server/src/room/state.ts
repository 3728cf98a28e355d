import {
  type LeaveReason,
  type Moderation,
  narrowed,
  type Right,
  type RoleTable,
  type RoomSettings,
  rightsOfRole,
  type Track,
} from '@aqlinks/protocol';
import type { Grant, Notice, RoomEvent } from '../session.ts';
import type { ExpirySettings } from './expiry.ts';
import type { RoomEffect } from './inputs.ts';
import { RoomMemory } from './memory.ts';
import type { Person } from './person.ts';

export interface RoomOptions {
  readonly project: string;
  readonly name: string;
  readonly session: string; // random, of this life of the room
  readonly maxParticipants: number; // the server's bound; the settings may have a lower one
  readonly expiry: ExpirySettings;
  readonly settings: RoomSettings;
  readonly roles: RoleTable | undefined; // the project's
  readonly memory?: RoomMemory | undefined; // of the life before, if it lasts
}

/** What a room knows. Its parts (`entrance.ts`, `tracks.ts`, …) change it and answer with effects. */
export class RoomState {
  readonly options: RoomOptions;
  readonly memory: RoomMemory;
  readonly people = new Map<string, Person>();
  readonly lobby = new Map<string, Person>(); // wait to be admitted
  readonly byUser = new Map<string, Person>(); // of both
  settings: RoomSettings;
  roles: RoleTable | undefined;
  now = 0; // of the input that is handled

  constructor(options: RoomOptions) {
    this.options = options;
    this.settings = options.settings;
    this.roles = options.roles;
    this.memory = options.memory ?? new RoomMemory(options.settings);
  }

  get maxParticipants(): number {
    return Math.min(this.options.maxParticipants, this.settings.max_participants ?? Number.POSITIVE_INFINITY);
  }

  get size(): number {
    return this.people.size + this.lobby.size;
  }

  find(participant: string): Person | undefined {
    return this.people.get(participant) ?? this.lobby.get(participant);
  }

  isIn(person: Person): boolean {
    return this.people.get(person.id) === person;
  }

  others(person: Person): Person[] {
    return [...this.people.values()].filter(other => other !== person);
  }

  rightsOf(role: string, permissions: Grant['permissions']): ReadonlySet<Right> {
    return narrowed(rightsOfRole(role, this.settings.roles, this.roles), permissions);
  }

  /** To all who may let people in. */
  tellAdmitters(notice: Notice): RoomEffect[] {
    return [...this.people.values()]
      .filter(({ rights }) => rights.has('admit'))
      .map(({ id }) => ({ type: 'notify', to: id, notice }));
  }

  event(type: 'room-started' | 'room-ended'): RoomEffect {
    return this.#effect({ type, ...this.#context() });
  }

  eventOf(person: Person, happened: Happened): RoomEffect {
    const { id, grant, role } = person;
    return this.#effect({ ...this.#context(), participant: id, userId: grant.userId, name: grant.name, role, ...happened });
  }

  #context() {
    const { project, name, session } = this.options;
    return { at: this.now, project, room: name, session };
  }

  #effect(event: RoomEvent): RoomEffect {
    return { type: 'event', event };
  }
}

type Happened =
  | { readonly type: 'participant-joined' | 'participant-waiting' }
  | { readonly type: 'participant-left'; readonly reason: LeaveReason }
  | { readonly type: 'track-published' | 'track-unpublished'; readonly track: Track }
  | { readonly type: 'role-changed'; readonly before: string }
  | { readonly type: 'moderated'; readonly act: Moderation['action']; readonly target: string | undefined };
