import type { CloseReason } from './close-reason.ts';

/** Where a call stands. */
export type ConnectionState =
  | { readonly name: 'connecting' }
  /** In the lobby: somebody in the room has to let us in. */
  | { readonly name: 'waiting' }
  | { readonly name: 'connected' }
  /** The socket broke; sound and picture may go on, and nobody else has noticed. */
  | { readonly name: 'resuming' }
  /** The connection was lost: the `attempt`th try to get it back begins `delay` ms after this state did. */
  | { readonly name: 'reconnecting'; readonly attempt: number; readonly delay: number }
  | { readonly name: 'closed'; readonly reason: CloseReason };

export type ConnectionEvent =
  | { readonly type: 'welcomed' }
  | { readonly type: 'waits' }
  /** The socket broke, and may be gone on from. */
  | { readonly type: 'interrupted' }
  | { readonly type: 'resumed' }
  /** The connection is gone, or a try to get one failed; another follows. */
  | { readonly type: 'lost'; readonly attempt: number; readonly delay: number }
  | { readonly type: 'ended'; readonly reason: CloseReason };

type EventNamed<Type extends ConnectionEvent['type']> = Extract<ConnectionEvent, { type: Type }>;
type Transitions = { readonly [Type in ConnectionEvent['type']]: (event: EventNamed<Type>) => ConnectionState | undefined };

const lost = ({ attempt, delay }: EventNamed<'lost'>): ConnectionState => ({ name: 'reconnecting', attempt, delay });
const ended = ({ reason }: EventNamed<'ended'>): ConnectionState => ({ name: 'closed', reason });
const connected = (): ConnectionState => ({ name: 'connected' });
const waiting = (): ConnectionState => ({ name: 'waiting' });
const resuming = (): ConnectionState => ({ name: 'resuming' });
const ignored = () => undefined;

/** Complete by type: every event has its answer in every state. `undefined` leaves the state as it is. */
export const TRANSITIONS: { readonly [Name in ConnectionState['name']]: Transitions } = {
  connecting: { welcomed: connected, waits: waiting, interrupted: ignored, resumed: ignored, lost, ended },
  waiting: { welcomed: connected, waits: ignored, interrupted: ignored, resumed: ignored, lost, ended },
  connected: { welcomed: ignored, waits: ignored, interrupted: resuming, resumed: ignored, lost, ended },
  resuming: { welcomed: connected, waits: waiting, interrupted: ignored, resumed: connected, lost, ended },
  reconnecting: { welcomed: connected, waits: waiting, interrupted: ignored, resumed: ignored, lost, ended },
  closed: { welcomed: ignored, waits: ignored, interrupted: ignored, resumed: ignored, lost: ignored, ended: ignored },
};

/** The same object when nothing changes. */
export function transition(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  const transitions = TRANSITIONS[state.name];
  switch (event.type) {
    case 'welcomed':
      return transitions.welcomed(event) ?? state;
    case 'waits':
      return transitions.waits(event) ?? state;
    case 'interrupted':
      return transitions.interrupted(event) ?? state;
    case 'resumed':
      return transitions.resumed(event) ?? state;
    case 'lost':
      return transitions.lost(event) ?? state;
    case 'ended':
      return transitions.ended(event) ?? state;
  }
}
