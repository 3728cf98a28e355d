import type { Rooms, RoomsOptions } from '../session.ts';

/** The rooms of this process over one media plane, whose only listener it becomes. */
export function createRooms(_options: RoomsOptions): Rooms {
  throw new Error('not there yet');
}
