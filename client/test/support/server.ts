import { once } from 'node:events';
import { createServer } from 'node:http';
import type { TestContext } from 'node:test';
import type { ClientMessage, ServerMessage } from '@aqlinks/protocol';
import { type WebSocket as Socket, WebSocketServer } from 'ws';

/** One client's connection, seen from the server. */
export interface Guest {
  readonly token: string | null;
  readonly resume: string | null; // `key/received`
  readonly socket: Socket;
  send(message: ServerMessage): void;
  /** The next message that the client sends, in order. */
  next(): Promise<ClientMessage>;
  /** Resolves when the client is gone. */
  readonly gone: Promise<void>;
}

/** A refusal that the next connections get: of the upgrade, and as the diagnosis. */
export interface Refusing {
  readonly status: number;
  readonly error: string;
  readonly message: string;
}

/** Just enough of a server: real sockets, and a test that decides what is said. */
export async function newServer(t: TestContext) {
  const http = createServer((_, response) => {
    const { status, error, message } = server.refusing ?? { status: 426, error: 'upgrade-required', message: 'All is well.' };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error, message }));
  });
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: offered => (offered.has('aqlinks.v1') ? 'aqlinks.v1' : false),
  });
  const arrivals = queue<Guest>();
  http.on('upgrade', (request, socket, head) => {
    if (server.refusing !== undefined) {
      socket.end(`HTTP/1.1 ${server.refusing.status} Refused\r\nConnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, accepted => arrivals.push(guest(accepted, request.url ?? '')));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const stop = async () => {
    for (const client of sockets.clients) client.terminate();
    http.closeAllConnections();
    await new Promise(resolve => http.close(resolve));
  };
  t.after(stop);
  const server = {
    url: `http://127.0.0.1:${address.port}/aq_server/websocket`,
    refusing: undefined as Refusing | undefined,
    /** The next client that comes in. */
    guest: () => arrivals.shift(),
    /** As when the process is killed: sockets break, the port answers nobody. */
    stop,
  };
  return server;
}

function guest(socket: Socket, url: string): Guest {
  const messages = queue<ClientMessage>();
  socket.on('message', data => messages.push(JSON.parse(data.toString())));
  const query = new URL(url, 'http://localhost').searchParams;
  return {
    token: query.get('token'),
    resume: query.has('resume') ? `${query.get('resume')}/${query.get('received')}` : null,
    socket,
    send: message => socket.send(JSON.stringify(message)),
    next: () => messages.shift(),
    gone: once(socket, 'close').then(() => undefined),
  };
}

/** Hands out what was pushed, in order, to who waits for it. */
function queue<T>() {
  const ready: T[] = [];
  const waiting: ((item: T) => void)[] = [];
  return {
    push(item: T) {
      const next = waiting.shift();
      if (next === undefined) ready.push(item);
      else next(item);
    },
    shift: () =>
      new Promise<T>(resolve => {
        const item = ready.shift();
        if (item === undefined) waiting.push(resolve);
        else resolve(item);
      }),
  };
}

export const WELCOME: Extract<ServerMessage, { event: 'welcome' }> = {
  event: 'welcome',
  data: {
    room: 'red',
    participant: { id: 'me', userId: 'ann', name: 'Ann', role: 'host', tracks: [] },
    participants: [{ id: 'b1', userId: 'ben', name: 'Ben', role: 'guest', tracks: [] }],
    serverVersion: '0.1.0',
    keepaliveSeconds: 30,
  },
};
