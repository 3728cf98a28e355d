import type { RoomsDirectory } from '../session.ts';
import { keyOf } from './room-key.ts';

/** Where nothing is kept: default roles and settings, and bans that end with the process. */
export class NoDirectory implements RoomsDirectory {
  readonly #bans = new Map<string, number>(); // until, ms since 1970
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  roles(): undefined {}

  settings(): undefined {}

  isBanned(project: string, room: string, userId: string): boolean {
    return this.#now() < (this.#bans.get(banKey(project, room, userId)) ?? 0);
  }

  ban(project: string, room: string, userId: string, { until = Number.POSITIVE_INFINITY }: { readonly until?: number }): void {
    this.#bans.set(banKey(project, room, userId), until);
  }
}

const banKey = (project: string, room: string, userId: string) => `${keyOf({ project, room })}\n${userId}`;
