import type { Participant, Right, Waiting } from '@aqlinks/protocol';
import type { ChatMessage } from './chat.ts';
import type { ConnectionState } from './connection/state.ts';
import type { RemoteParticipant } from './people/roster.ts';
import type { LocalSources } from './publishing/local-source.ts';

/** Ourselves, as the others know us. */
export type Self = Omit<Participant, 'tracks'>;

/** All there is to show of a call at one moment. Never changes: a change makes a new one and shares what stayed. */
export interface CallSnapshot {
  readonly connection: ConnectionState;
  readonly room: string | undefined; // undefined: not in yet
  readonly self: Self | undefined;
  readonly participants: readonly RemoteParticipant[]; // the others, in the order in which they came
  readonly rights: readonly Right[]; // what we may
  readonly locked: boolean; // nobody else comes in
  readonly lobby: boolean; // whoever comes waits to be admitted
  readonly waiting: readonly Waiting[]; // those in the lobby, where we may admit them
  readonly local: LocalSources;
  readonly messages: readonly ChatMessage[];
  readonly speaking: ReadonlySet<string>; // ids of participants, our own among them
}
