import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import type { TestServer } from './new-server.ts';

export interface ClientOptions {
  readonly user?: string;
  readonly room?: string;
  readonly extended?: boolean; // aqlinks.v1
  readonly path?: string;
  readonly autoPong?: boolean;
}

/** A client on a real WebSocket whose messages come out one by one. */
export class TestClient {
  readonly socket: WebSocket;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #arrived: Record<string, unknown>[] = [];
  #wake = Promise.withResolvers<void>();

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise(resolve => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake.resolve();
      });
    });
    socket.on('message', data => {
      this.#arrived.push(JSON.parse(data.toString()));
      this.#wake.resolve();
    });
    socket.on('error', () => {}); // `close` follows
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The next message, whatever it is. */
  async next(): Promise<Record<string, unknown>> {
    for (;;) {
      const message = this.#arrived.shift();
      if (message !== undefined) return message;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('The connection is closed.');
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
    }
  }

  /** The next of this event; what comes before it is thrown away. */
  async nextOf(event: string): Promise<Record<string, unknown>> {
    for (;;) {
      const message = await this.next();
      if (message.event === event) return message;
    }
  }

  async nextError(): Promise<Record<string, unknown>> {
    return JSON.parse(String((await this.nextOf('error')).data));
  }
}

/** Connected and in; terminated at the end of the test. */
export async function newClient(t: TestContext, server: TestServer, options: ClientOptions = {}): Promise<TestClient> {
  const { user = 'alice', room = 'r', extended = false, path = '/aq_server/websocket', autoPong = true } = options;
  const url = `${server.origin.replace('http', 'ws')}${path}?token=${await server.token({ user_id: user, room })}`;
  const socket = new WebSocket(url, extended ? ['aqlinks.v1'] : [], { autoPong });
  t.after(() => socket.terminate());
  const client = new TestClient(socket);
  await once(socket, 'open');
  return client;
}
