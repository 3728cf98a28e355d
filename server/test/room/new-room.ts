import assert from 'node:assert/strict';
import type { Moderation, RoleTable, RoomSettings, Source } from '@aqlinks/protocol';
import type { RoomEffect, RoomInput } from '../../src/room/inputs.ts';
import type { RoomMemory } from '../../src/room/memory.ts';
import { Room } from '../../src/room/room.ts';
import type { Grant, Notice } from '../../src/session.ts';
import { grantOf } from '../support/grant-of.ts';

export const NOW = 1_000_000;

export interface TestRoomOptions {
  readonly settings?: RoomSettings;
  readonly roles?: RoleTable;
  readonly maxParticipants?: number;
  readonly memory?: RoomMemory;
}

/** A room whose people are named by their ids; an id such as `host` or `viewer` is their role too, others are guests. */
export class TestRoom {
  readonly room: Room;
  now = NOW;

  constructor(people: readonly string[] = [], options: TestRoomOptions = {}) {
    const { settings = {}, roles, maxParticipants = 5, memory } = options;
    const expiry = { notice: 60_000, grace: 30_000 };
    this.room = new Room({
      project: 'default',
      name: 'standup',
      session: 's1',
      maxParticipants,
      expiry,
      settings,
      roles,
      memory,
    });
    for (const id of people) this.join(id);
  }

  join(id: string, given: Partial<Grant> = {}): RoomEffect[] {
    const role = ['host', 'presenter', 'viewer'].find(name => id.startsWith(name)) ?? 'guest';
    return this.handle({ type: 'join', participant: id, grant: grantOf(id, { name: id.toUpperCase(), role, ...given }) });
  }

  publish(participant: string, source: Source = 'camera'): RoomEffect[] {
    const kind = source === 'camera' || source === 'screen' ? 'video' : 'audio';
    return this.handle({ type: 'publish', participant, track: { id: `${participant}-${source}`, source, kind } });
  }

  moderate(participant: string, act: Moderation): RoomEffect[] {
    return this.handle({ type: 'moderate', participant, act });
  }

  handle(input: RoomInput): RoomEffect[] {
    return this.room.handle(this.now, input);
  }
}

/** Effects in short: who is told what, without the events that others than the clients hear of. */
export function brief(effects: readonly RoomEffect[]): string[] {
  return effects.filter(({ type }) => type !== 'event').map(word);
}

export function events(effects: readonly RoomEffect[]): string[] {
  return effects.flatMap(effect => (effect.type === 'event' ? [effect.event.type] : []));
}

function word(effect: RoomEffect): string {
  switch (effect.type) {
    case 'notify':
      return `${effect.to}: ${effect.notice.type}`;
    case 'forward':
      return `${effect.track.id} -> ${effect.to}`;
    case 'stop-forwarding':
      return `${effect.track} -/> ${effect.to}`;
    case 'take-track':
      return `take ${effect.track}`;
    case 'end-track':
      return `end ${effect.track}`;
    case 'hold':
      return `${effect.held ? 'hold' : 'release'} ${effect.track}`;
    case 'permit':
    case 'shut':
      return `${effect.type} ${effect.participant} ${effect.source}`;
    case 'open':
      return `open ${effect.participant}`;
    case 'ban':
      return `ban ${effect.userId}`;
    case 'dismiss':
      return `dismiss ${effect.participant} ${effect.close ?? ''}`.trim();
    case 'event':
      return effect.event.type;
  }
}

/** The first notice of this type to somebody. */
export function noticeTo<Type extends Notice['type']>(effects: readonly RoomEffect[], to: string, type: Type) {
  for (const effect of effects) {
    if (effect.type === 'notify' && effect.to === to && effect.notice.type === type)
      return effect.notice as Extract<Notice, { type: Type }>;
  }
  return assert.fail(`${to} was not told ${type}: ${brief(effects).join(', ')}`);
}
