import type { RoomSettings } from '@aqlinks/protocol';
import { type Grant, RequestError } from '../session.ts';
import { demand, demandToPublish, notHere } from './authority.ts';
import { checkEntrance, isFull, join, leave, leaveAll } from './entrance.ts';
import { due, expiryOf } from './expiry.ts';
import type { RoomEffect, RoomInput } from './inputs.ts';
import type { RoomMemory } from './memory.ts';
import { carryOut, changeDoor, moderate } from './moderation.ts';
import type { Person } from './person.ts';
import { changeRights } from './rights-change.ts';
import { type RoomOptions, RoomState } from './state.ts';
import { mute, publish, unpublish } from './tracks.ts';

type Of<T extends RoomInput['type']> = Extract<RoomInput, { type: T }>;

/**
 * Who is in one room and in its lobby, who publishes what, who receives what, and who may what: every act is checked
 * here. It does nothing itself: each input answers with the effects to carry out. An input costs what its fan-out costs.
 */
export class Room {
  readonly #state: RoomState;
  #started = false;

  constructor(options: RoomOptions) {
    this.#state = new RoomState(options);
  }

  /** Those who wait included. */
  get size(): number {
    return this.#state.size;
  }

  /** Those who are in. */
  get people(): Iterable<Person> {
    return this.#state.people.values();
  }

  get lobby(): Iterable<Person> {
    return this.#state.lobby.values();
  }

  get isFull(): boolean {
    return isFull(this.#state);
  }

  get settings(): RoomSettings {
    return this.#state.settings;
  }

  /** What is to be known when the room lives again soon. */
  get memory(): RoomMemory {
    return this.#state.memory;
  }

  hasUser(userId: string): boolean {
    return this.#state.byUser.has(userId);
  }

  /** Throws `RequestError` if they are not here. */
  grantOf(participant: string): Grant {
    const person = this.#state.find(participant);
    if (person === undefined) throw notHere();
    return person.grant;
  }

  /** Throws `JoinRefused` when this person may not come in. */
  check(grant: Grant): void {
    checkEntrance(this.#state, grant);
  }

  /** Throws where the person may not publish this. */
  checkPublish(participant: string, source: Of<'publish'>['track']['source']): void {
    const person = this.#state.find(participant);
    if (person === undefined) return;
    if (!this.#state.isIn(person)) throw inLobby();
    demandToPublish(person, source);
  }

  /** Throws `JoinRefused` or `RequestError`, and has changed nothing then. An input from someone who is not here does nothing. */
  handle(now: number, input: RoomInput): RoomEffect[] {
    this.#state.now = now;
    const effects = this.#handle(input);
    if (!this.#started && this.size > 0) {
      this.#started = true;
      effects.unshift(this.#state.event('room-started'));
    }
    if (this.#started && this.size === 0) {
      this.#started = false;
      effects.push(this.#state.event('room-ended'));
    }
    return effects;
  }

  #handle(input: RoomInput): RoomEffect[] {
    switch (input.type) {
      case 'join':
        return join(this.#state, input.participant, input.grant);
      case 'command':
        return carryOut(this.#state, input.act, input.by);
      case 'configure':
        return this.#configure(input);
      case 'close':
        return leaveAll(this.#state, input.reason, input.close, input.notice);
      case 'tick':
        return this.#everybody().flatMap(person => this.#tick(person));
      default:
        return this.#handleFrom(input);
    }
  }

  #handleFrom(input: Extract<RoomInput, { readonly participant: string }>): RoomEffect[] {
    const state = this.#state;
    const person = state.find(input.participant);
    if (person === undefined) return [];
    if (input.type === 'leave') return leave(state, person, input.reason, input.close);
    if (input.type === 'refresh') return this.#refresh(person, input.grant);
    if (!state.isIn(person)) throw inLobby();
    switch (input.type) {
      case 'join':
        return [];
      case 'publish':
        return publish(state, person, { ...input.track, muted: false });
      case 'unpublish':
        return unpublish(state, person, input.source);
      case 'mute':
        return mute(state, person, input.source, input.muted);
      case 'chat':
        return this.#chat(person, input.text);
      case 'moderate':
        return moderate(state, person, input.act);
    }
  }

  #chat(person: Person, text: string): RoomEffect[] {
    demand(person, 'chat', 'write in the chat');
    const notice = { type: 'chat' as const, participant: person.id, name: person.grant.name, text, at: this.#state.now };
    return this.#state.others(person).map(({ id }) => ({ type: 'notify', to: id, notice }));
  }

  /** The participant stays who they are; what they may is asked anew. */
  #refresh(person: Person, grant: Grant): RoomEffect[] {
    const before = person.grant;
    const sameRoom = grant.room === before.room || grant.room === this.#state.options.name; // the latter after a move
    if (grant.project !== before.project || grant.userId !== before.userId || !sameRoom)
      throw new RequestError('token-refused', 'This token is of another user, room or project: yours goes on until it expires.');
    person.grant = { ...grant, name: before.name };
    person.expiry = expiryOf(grant.expiresAt);
    const role = grant.role === before.role ? person.role : this.#state.memory.roleOf(grant.userId, grant.role);
    return [
      { type: 'notify', to: person.id, notice: { type: 'token-accepted', expiresAt: grant.expiresAt } },
      ...changeRights(this.#state, person, role),
    ];
  }

  #configure({ settings, roles }: Of<'configure'>): RoomEffect[] {
    const state = this.#state;
    const before = state.settings;
    state.settings = settings;
    state.roles = roles;
    const { locked, lobby } = state.memory; // what did not change in the settings stays as it was decided in the call
    const door = {
      locked: before.locked === settings.locked ? locked : settings.locked === true,
      lobby: before.lobby === settings.lobby ? lobby : settings.lobby === true,
    };
    return [...this.#everybody().flatMap(person => changeRights(state, person, person.role)), ...changeDoor(state, door)];
  }

  #tick(person: Person): RoomEffect[] {
    const { now, options } = this.#state;
    const { expiry } = person;
    switch (due(now, expiry, options.expiry)) {
      case 'nothing':
        return [];
      case 'removal':
        return leave(this.#state, person, 'expired', 'expired');
      case 'notice': {
        if (expiry.type === 'never') return [];
        person.expiry = { ...expiry, type: 'told' };
        const seconds = Math.max(0, Math.round((expiry.expiresAt - now) / 1_000));
        const grace = Math.round(options.expiry.grace / 1_000);
        return [
          { type: 'notify', to: person.id, notice: { type: 'token-expiring', expiresAt: expiry.expiresAt, seconds, grace } },
        ];
      }
    }
  }

  #everybody(): Person[] {
    return [...this.#state.people.values(), ...this.#state.lobby.values()];
  }
}

const inLobby = () => new RequestError('not-allowed', 'You wait in the lobby: somebody has to let you in first.');
