import type { CloseReason } from './close-reason.ts';

/** Where a call stands. */
export type ConnectionState =
  | { readonly name: 'connecting' }
  | { readonly name: 'connected' }
  /** The connection was lost: the `attempt`th try to get it back begins `delay` ms after this state did. */
  | { readonly name: 'reconnecting'; readonly attempt: number; readonly delay: number }
  | { readonly name: 'closed'; readonly reason: CloseReason };

export type ConnectionEvent =
  | { readonly type: 'welcomed' }
  /** The connection is gone, or a try to get one failed; another follows. */
  | { readonly type: 'lost'; readonly attempt: number; readonly delay: number }
  | { readonly type: 'ended'; readonly reason: CloseReason };

type EventNamed<Type extends ConnectionEvent['type']> = Extract<ConnectionEvent, { type: Type }>;
type Transitions = { readonly [Type in ConnectionEvent['type']]: (event: EventNamed<Type>) => ConnectionState | undefined };

const lost = ({ attempt, delay }: EventNamed<'lost'>): ConnectionState => ({ name: 'reconnecting', attempt, delay });
const ended = ({ reason }: EventNamed<'ended'>): ConnectionState => ({ name: 'closed', reason });
const connected = (): ConnectionState => ({ name: 'connected' });
const ignored = () => undefined;

/** Complete by type: every event has its answer in every state. `undefined` leaves the state as it is. */
export const TRANSITIONS: { readonly [Name in ConnectionState['name']]: Transitions } = {
  connecting: { welcomed: connected, lost, ended },
  connected: { welcomed: ignored, lost, ended },
  reconnecting: { welcomed: connected, lost, ended },
  closed: { welcomed: ignored, lost: ignored, ended: ignored },
};

/** The same object when nothing changes. */
export function transition(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  const transitions = TRANSITIONS[state.name];
  switch (event.type) {
    case 'welcomed':
      return transitions.welcomed(event) ?? state;
    case 'lost':
      return transitions.lost(event) ?? state;
    case 'ended':
      return transitions.ended(event) ?? state;
  }
}
