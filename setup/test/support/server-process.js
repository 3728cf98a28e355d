import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A TCP port that nobody listens on just now, for programs that cannot say which one they took. */
export async function freePort() {
  const server = createServer();
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

/**
 * Waits until a server answers that it is healthy, and returns what it said.
 * @param {number} port
 * @param {number} [patience] ms
 * @returns {Promise<{ status: string }>}
 */
export async function healthy(port, patience = 30_000) {
  const deadline = performance.now() + patience;
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    if (response?.ok) return /** @type {Promise<{ status: string }>} */ (response.json());
    if (performance.now() > deadline) throw new Error(`no server answered on port ${port} within ${patience / 1000} s`);
    await sleep(50);
  }
}

/**
 * Joins a room as the page does in development, and resolves with the first message of the plain protocol.
 * @param {number} port
 * @returns {Promise<{ event: string, data: string }>}
 */
export async function firstOffer(port) {
  const response = await fetch(`http://127.0.0.1:${port}/aq_server/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: 'ann', room: 'blue', user_type: 'host' }),
  });
  assert.equal(response.ok, true, `no token: ${response.status}`);
  const { token } = /** @type {{ token: string }} */ (await response.json());
  const socket = new WebSocket(`ws://127.0.0.1:${port}/aq_server/websocket?token=${token}`);
  try {
    return await new Promise((resolve, reject) => {
      socket.onmessage = ({ data }) => resolve(JSON.parse(data));
      socket.onerror = () => reject(new Error('the WebSocket failed'));
    });
  } finally {
    socket.close();
  }
}

/**
 * Waits for a child process to end by itself.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null }>}
 */
export const ended = child =>
  new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) resolve({ code: child.exitCode, signal: child.signalCode });
    else child.once('exit', (code, signal) => resolve({ code, signal }));
  });
