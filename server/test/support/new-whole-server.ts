import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { signToken } from '../../src/auth/sign-token.ts';
import type { Options } from '../../src/config/keys.ts';
import { createLog } from '../../src/log.ts';
import { InMemoryMediaPlane } from '../../src/media/in-memory.ts';
import { type StartedServer, startServer } from '../../src/start-server.ts';
import { newFolder } from './both-databases.ts';
import { TestClient } from './new-client.ts';

export const SECRET = 'a-secret-of-the-tests-0123456789-abcdef';

/** With whose secret a token is signed: an API key's, or without one the server's. */
export interface Signer {
  readonly id: string;
  readonly secret: string;
}

export interface Guest {
  readonly user?: string;
  readonly room?: string;
  readonly by?: Signer;
  readonly claims?: Readonly<Record<string, string>>;
}

/** All of aqlinks as `startServer` starts it, but for the media, which stay in memory. Closed at the end of the test. */
export class WholeServer {
  readonly server: StartedServer;
  readonly log: readonly string[];

  constructor(server: StartedServer, log: readonly string[]) {
    this.server = server;
    this.log = log;
  }

  async join(t: TestContext, guest: Guest = {}): Promise<TestClient> {
    const socket = new WebSocket(`${this.server.webSocketUrl}?token=${await tokenOf(guest)}`, ['aqlinks.v1']);
    t.after(() => socket.terminate());
    const client = new TestClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** The code of the refusal; undefined: the door is open. */
  async refusal(guest: Guest = {}): Promise<string | undefined> {
    const response = await fetch(`${this.server.webSocketUrl.replace('ws', 'http')}?token=${await tokenOf(guest)}`);
    const { error } = (await response.json()) as { error: string };
    return error === 'upgrade-required' ? undefined : error;
  }

  async get(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`${this.server.origin}${path}`);
    return { status: response.status, text: await response.text() };
  }
}

async function tokenOf({ user = 'alice', room = 'r', by, claims = {} }: Guest): Promise<string> {
  const secret = new TextEncoder().encode(by?.secret ?? SECRET);
  const identity = { user_id: user, room, ...(by && { iss: by.id }), ...claims };
  return (await signToken(identity, { secret, lifetime: 60_000, now: Date.now() })).token;
}

export async function newWholeServer(t: TestContext, options: Options = {}): Promise<WholeServer> {
  const lines: string[] = [];
  const server = await startServer(
    { serverAddr: '127.0.0.1:0', logLevel: 'trace', jwtSecret: SECRET, dataDir: newFolder(t), ...options },
    {
      environment: {},
      plane: new InMemoryMediaPlane(),
      log: createLog({ level: 'trace', pretty: false, destination: { write: line => lines.push(line) } }),
      webRoot: new URL('page/', import.meta.url).pathname,
    },
  );
  t.after(() => server.close());
  return new WholeServer(server, lines);
}

/** Asks again and again until it answers so; rejects after the time. */
export async function within<T>(ms: number, ask: () => Promise<T>, wanted: T): Promise<number> {
  const begin = performance.now();
  for (;;) {
    const answer = await ask();
    const took = performance.now() - begin;
    if (answer === wanted) return took;
    await nextTurn(); // where asking does no I/O itself
    if (took > ms) throw new Error(`${JSON.stringify(answer)} after ${Math.round(took)} ms, and not ${JSON.stringify(wanted)}`);
  }
}
