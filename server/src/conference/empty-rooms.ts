import type { RoomSettings } from '@aqlinks/protocol';
import { RoomMemory } from '../room/memory.ts';
import { keyOf, type RoomName } from './room-key.ts';

const EMPTY_TIMEOUT = 60; // seconds, where the settings do not say

interface Remembered {
  readonly memory: RoomMemory;
  settings: RoomSettings;
  until: number; // ms
}

export const emptyTimeout = (settings: RoomSettings) => (settings.empty_timeout ?? EMPTY_TIMEOUT) * 1_000;

/** What rooms decided that nobody is in now: a lock, changed roles, an end. It lasts for each room's `empty_timeout`. */
export class EmptyRooms {
  readonly #rooms = new Map<string, Remembered>();

  /** The last one left. */
  keep(
    name: RoomName,
    { memory, settings }: { readonly memory: RoomMemory; readonly settings: RoomSettings },
    now: number,
  ): void {
    const timeout = emptyTimeout(settings);
    if (timeout > 0 && memory.isWorthKeeping(settings)) this.#rooms.set(keyOf(name), { memory, settings, until: now + timeout });
  }

  memoryOf(name: RoomName, now: number): RoomMemory | undefined {
    const remembered = this.#rooms.get(keyOf(name));
    return remembered !== undefined && now < remembered.until ? remembered.memory : undefined;
  }

  /** The first one is in: the room itself knows from now on. */
  takeOver(name: RoomName): void {
    this.#rooms.delete(keyOf(name));
  }

  /** Somebody was moved there, and will come soon. */
  expect(name: RoomName, userId: string, settings: RoomSettings, now: number): void {
    const memory = this.memoryOf(name, now) ?? new RoomMemory(settings);
    memory.remember(userId, true);
    this.#rooms.set(keyOf(name), { memory, settings, until: now + Math.max(EMPTY_TIMEOUT * 1_000, emptyTimeout(settings)) });
  }

  configure(name: RoomName, settings: RoomSettings): void {
    const remembered = this.#rooms.get(keyOf(name));
    if (remembered === undefined) return;
    remembered.memory.configure(remembered.settings, settings);
    remembered.settings = settings;
  }

  tick(now: number): void {
    for (const [key, { until }] of this.#rooms) if (now >= until) this.#rooms.delete(key);
  }
}
