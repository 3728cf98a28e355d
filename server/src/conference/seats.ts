import type { Grant } from '../session.ts';
import { keyOf, type RoomName } from './room-key.ts';

interface Seat {
  readonly to: string; // the room's name
  until: number; // ms; infinite while somebody is in that room
}

const ARRIVAL = 60_000; // ms that whoever was moved has to come

/**
 * Where people were moved to. A token names the room that it was signed for; while the other room lives, it leads its
 * holder there, so that a client which reconnects with the same token stays where it was put.
 */
export class Seats {
  readonly #seats = new Map<string, Seat>();

  move(grant: Grant, to: string, now: number): void {
    if (to === grant.room) this.#seats.delete(seatKey(grant));
    else this.#seats.set(seatKey(grant), { to, until: now + ARRIVAL });
  }

  /** The room that a token leads to. */
  roomOf(grant: Grant, now: number): RoomName {
    const seat = this.#seats.get(seatKey(grant));
    return { project: grant.project, room: seat !== undefined && now < seat.until ? seat.to : grant.room };
  }

  taken(grant: Grant, room: string): void {
    const seat = this.#seats.get(seatKey(grant));
    if (seat?.to === room) seat.until = Number.POSITIVE_INFINITY;
  }

  /** The last one left that room. */
  emptied({ project, room }: RoomName, until: number): void {
    for (const [key, seat] of this.#seats) if (seat.to === room && key.startsWith(`${project}\n`)) seat.until = until;
  }

  tick(now: number): void {
    for (const [key, { until }] of this.#seats) if (now >= until) this.#seats.delete(key);
  }
}

const seatKey = ({ project, room, userId }: Grant) => `${keyOf({ project, room })}\n${userId}`;
