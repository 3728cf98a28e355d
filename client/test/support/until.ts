import type { TestContext } from 'node:test';
import { type Call, type CallSnapshot, type ConnectOptions, connect } from '../../src/index.ts';
import { FakeConnection } from './fake-connection.ts';

/** What a page has and Node has not. */
const page = new EventTarget();
Object.assign(globalThis, {
  RTCPeerConnection: FakeConnection,
  addEventListener: page.addEventListener.bind(page),
  removeEventListener: page.removeEventListener.bind(page),
  dispatchEvent: page.dispatchEvent.bind(page),
});

/** A call that ends with its test. */
export function newCall(t: TestContext, options: ConnectOptions): Call {
  const call = connect({ reconnect: attempt => (attempt > 3 ? undefined : 1), ...options });
  t.after(() => call.leave());
  return call;
}

/** Resolves with the first snapshot of which it is true, now or later. */
export function until(call: Call, isTrue: (snapshot: CallSnapshot) => boolean): Promise<CallSnapshot> {
  return new Promise(resolve => {
    const look = () => {
      const snapshot = call.getSnapshot();
      if (!isTrue(snapshot)) return;
      end();
      resolve(snapshot);
    };
    const end = call.subscribe(look);
    look();
  });
}

export const connected = (call: Call) => until(call, ({ connection }) => connection.name === 'connected');

export async function closed(call: Call) {
  const { connection } = await until(call, ({ connection }) => connection.name === 'closed');
  if (connection.name !== 'closed') throw new Error('not closed');
  return connection.reason;
}
