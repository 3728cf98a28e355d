import type { RoomSettings } from '@aqlinks/protocol';

const REMEMBERED = 10_000; // users, of one room; the oldest are forgotten first

/**
 * What was decided in a room while it lived. It outlives the last participant for the room's `empty_timeout`, so that
 * leaving and coming back is no way around a lock, a change of role or an end.
 */
export class RoomMemory {
  locked: boolean;
  lobby: boolean;
  ended = false;
  readonly #users = new Map<string, UserMemory>();

  constructor(settings: RoomSettings) {
    this.locked = settings.locked === true;
    this.lobby = settings.lobby === true;
  }

  /** Whether it differs from what the settings alone would make of the room. */
  isWorthKeeping(settings: RoomSettings): boolean {
    return (
      this.ended || this.locked !== (settings.locked === true) || this.lobby !== (settings.lobby === true) || this.#changedRoles()
    );
  }

  /** Settings that did not change leave what was decided in the call. */
  configure(before: RoomSettings, after: RoomSettings): void {
    if (before.locked !== after.locked) this.locked = after.locked === true;
    if (before.lobby !== after.lobby) this.lobby = after.lobby === true;
  }

  /** Was let in before: may come back into a locked room and past the lobby. */
  wasIn(userId: string): boolean {
    return this.#users.get(userId)?.wasIn === true;
  }

  remember(userId: string, wasIn: boolean): void {
    this.#set(userId, { ...this.#users.get(userId), wasIn });
  }

  /** Holds as long as the token says the same: a backend that signs another role has the newer word. */
  changeRole(userId: string, changed: RoleChange): void {
    this.#set(userId, { wasIn: this.wasIn(userId), changed });
  }

  roleOf(userId: string, tokenRole: string): string {
    const changed = this.#users.get(userId)?.changed;
    return changed?.tokenRole === tokenRole ? changed.role : tokenRole;
  }

  #changedRoles(): boolean {
    for (const { changed } of this.#users.values()) if (changed !== undefined) return true;
    return false;
  }

  #set(userId: string, memory: UserMemory): void {
    this.#users.delete(userId);
    this.#users.set(userId, memory);
    for (const oldest of this.#users.keys()) {
      if (this.#users.size <= REMEMBERED) return;
      this.#users.delete(oldest);
    }
  }
}

export interface RoleChange {
  readonly tokenRole: string;
  readonly role: string;
}

interface UserMemory {
  readonly wasIn: boolean;
  readonly changed?: RoleChange;
}
