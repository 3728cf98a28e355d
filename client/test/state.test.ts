import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { LEFT, UNREACHABLE } from '../src/connection/close-reason.ts';
import { type ConnectionEvent, type ConnectionState, TRANSITIONS, transition } from '../src/connection/state.ts';

const STATES: { [Name in ConnectionState['name']]: Extract<ConnectionState, { name: Name }> } = {
  connecting: { name: 'connecting' },
  waiting: { name: 'waiting' },
  connected: { name: 'connected' },
  resuming: { name: 'resuming' },
  reconnecting: { name: 'reconnecting', attempt: 1, delay: 1_000 },
  closed: { name: 'closed', reason: LEFT },
};
const EVENTS: { [Type in ConnectionEvent['type']]: Extract<ConnectionEvent, { type: Type }> } = {
  welcomed: { type: 'welcomed' },
  waits: { type: 'waits' },
  interrupted: { type: 'interrupted' },
  resumed: { type: 'resumed' },
  lost: { type: 'lost', attempt: 2, delay: 2_000 },
  ended: { type: 'ended', reason: UNREACHABLE },
};

/** What each event makes of each state; `=` is nothing. Complete by type. */
const EXPECTED: Record<ConnectionState['name'], Record<ConnectionEvent['type'], ConnectionState['name'] | '='>> = {
  connecting: { welcomed: 'connected', waits: 'waiting', interrupted: '=', resumed: '=', lost: 'reconnecting', ended: 'closed' },
  waiting: { welcomed: 'connected', waits: '=', interrupted: '=', resumed: '=', lost: 'reconnecting', ended: 'closed' },
  connected: { welcomed: '=', waits: '=', interrupted: 'resuming', resumed: '=', lost: 'reconnecting', ended: 'closed' },
  resuming: {
    welcomed: 'connected',
    waits: 'waiting',
    interrupted: '=',
    resumed: 'connected',
    lost: 'reconnecting',
    ended: 'closed',
  },
  reconnecting: {
    welcomed: 'connected',
    waits: 'waiting',
    interrupted: '=',
    resumed: '=',
    lost: 'reconnecting',
    ended: 'closed',
  },
  closed: { welcomed: '=', waits: '=', interrupted: '=', resumed: '=', lost: '=', ended: '=' },
};

test('every event has its answer in every state', () => {
  for (const state of Object.values(STATES)) {
    for (const event of Object.values(EVENTS)) {
      const after = transition(state, event);
      const expected = EXPECTED[state.name][event.type];
      if (expected === '=') assert.equal(after, state, `${state.name} + ${event.type}`);
      else assert.equal(after.name, expected, `${state.name} + ${event.type}`);
    }
  }
  assert.deepEqual(Object.keys(TRANSITIONS), Object.keys(EXPECTED));
});

test('a state holds what is true in it: the try and its delay, the reason of the end', () => {
  assert.deepEqual(transition(STATES.connected, EVENTS.lost), { name: 'reconnecting', attempt: 2, delay: 2_000 });
  assert.deepEqual(transition(STATES.reconnecting, EVENTS.ended), { name: 'closed', reason: UNREACHABLE });
});
