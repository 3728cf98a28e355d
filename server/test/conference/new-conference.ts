import assert from 'node:assert/strict';
import { parse } from 'sdp-transform';
import { createRooms } from '../../src/conference/rooms.ts';
import { InMemoryMediaPlane } from '../../src/media/in-memory.ts';
import type { Grant, Notice, Outlet, RoomEvent, Rooms, RoomsDirectory, Session } from '../../src/session.ts';
import { type AnswererOptions, answerTo } from '../negotiation/answerer.ts';
import { grantOf } from '../support/grant-of.ts';

export interface ConferenceOptions {
  readonly audioLoudestAbove?: number;
  readonly audioLoudestCount?: number;
  readonly workers?: number;
  readonly maxParticipantsPerRoom?: number;
  readonly maxParticipants?: number;
  readonly directory?: RoomsDirectory;
  readonly onRoomEvent?: (event: RoomEvent) => void;
}

export function newConference(options: ConferenceOptions = {}) {
  const { workers = 1, maxParticipantsPerRoom = 50, maxParticipants = 1000, ...wired } = options;
  const clock = { now: 1_000 }; // ms
  const plane = new InMemoryMediaPlane(workers);
  const errors: unknown[] = [];
  const quiet = () => {};
  const rooms = createRooms({
    plane,
    maxParticipantsPerRoom,
    maxParticipants,
    ...wired,
    now: () => clock.now,
    random: countingBytes(),
    log: { debug: quiet, info: quiet, warn: quiet, error: fields => errors.push(fields) },
  });
  return { plane, rooms, errors, clock };
}

/** Never twice the same, and the same in every run. */
function countingBytes(): (length: number) => Uint8Array {
  let count = 0;
  return length => {
    count += 1;
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index += 1) bytes[length - 1 - index] = Math.floor(count / 256 ** index) & 0xff;
    return bytes;
  };
}

/** A client without media: it keeps what it is told and answers when it is told to. */
export class TestClient implements Outlet {
  readonly notices: Notice[] = [];
  readonly offers: string[] = [];
  readonly closed: string[] = [];
  readonly session: Session;
  sends = new Set<string>(['0', '1']);
  #answered = 0;

  constructor(rooms: Rooms, userId: string, room = 'standup', given: Partial<Grant> = {}) {
    this.session = rooms.join(grantOf(userId, { room, ...given }), this);
  }

  get id(): string {
    return this.session.participant;
  }

  get unanswered(): number {
    return this.offers.length - this.#answered;
  }

  notify(notice: Notice): void {
    assert.equal(this.closed.length, 0, 'told something after it was closed');
    this.notices.push(notice);
    if (notice.type === 'offer') this.offers.push(notice.sdp);
  }

  close(reason: string): void {
    this.closed.push(reason);
  }

  /** To the offer that waits; returns whether one did. */
  answer(options: AnswererOptions = {}): boolean {
    const offer = this.offers[this.#answered];
    if (offer === undefined) return false;
    this.#answered += 1;
    this.session.answer(answerTo(offer, { sends: mid => this.sends.has(mid), ...options }));
    return true;
  }

  /** What the last offer brings, as `PARTICIPANT TRACK`. */
  offered(): string[] {
    const { media } = parse(this.offers.at(-1) ?? '');
    return media.flatMap(({ direction, msid }) =>
      direction === 'sendonly' && msid?.[0] ? [`${msid[0].id} ${msid[0].appdata}`] : [],
    );
  }

  take(): Notice[] {
    return this.notices.splice(0);
  }

  /** The directions of the last offer's sections, by mid. */
  directions(): (string | undefined)[] {
    return parse(this.offers.at(-1) ?? '').media.map(({ direction }) => direction);
  }

  takeTypes(): string[] {
    return this.take().map(({ type }) => type);
  }
}

/** Until no offer waits. */
export function settle(...clients: TestClient[]): void {
  for (let busy = true; busy; ) {
    busy = false;
    for (const client of clients) if (client.answer()) busy = true;
  }
}
