/** The rooms' past: their lives and the stays in them. */
export interface Sessions {
  /** The lives of rooms, the latest first. */
  list(query: SessionQuery): Promise<SessionPage<RoomSession>>;
  get(project: string, session: string): Promise<RoomSession | undefined>;
  /** Who was in them, in the order in which they came. */
  stays(query: StayQuery): Promise<SessionPage<Stay>>;
}

/** A room's life, from its first participant to its last. */
export interface RoomSession {
  readonly id: string;
  readonly project: string;
  readonly room: string;
  readonly startedAt: number; // ms since 1970
  readonly endedAt: number | undefined; // undefined: it goes on
  readonly duration: number | undefined; // ms
  readonly participants: number; // stays, one a connection
  readonly peak: number; // at once
}

/** One participant's time in it. */
export interface Stay {
  readonly participant: string;
  readonly session: string;
  readonly project: string;
  readonly room: string;
  readonly user: string;
  readonly name: string;
  readonly role: string; // the last one
  readonly joinedAt: number;
  readonly leftAt: number | undefined;
  readonly duration: number | undefined; // ms
  readonly reason: string | undefined; // why it left; `server-lost`: its server died
}

export interface SessionQuery {
  readonly project: string;
  readonly room?: string | undefined;
  readonly user?: string | undefined; // who was in them
  readonly from?: number | undefined; // ms since 1970, of the start
  readonly to?: number | undefined; // not included
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface StayQuery {
  readonly project: string;
  readonly session?: string | undefined;
  readonly user?: string | undefined;
  readonly room?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface SessionPage<T> {
  readonly items: readonly T[];
  readonly next: string | undefined; // undefined: it was the last
}
