import { EventEmitter, on } from 'node:events';
import type { TestContext } from 'node:test';
import { type Identity, signToken } from '../../src/auth/sign-token.ts';
import type { Options } from '../../src/config/keys.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { configuredCertificate } from '../../src/http/tls/certificate.ts';
import { createLog } from '../../src/log.ts';
import { InMemoryMediaPlane } from '../../src/media/in-memory.ts';
import { openPlatform, type Platform } from '../../src/platform.ts';
import { type Parts, type RunningServer, serve } from '../../src/server.ts';
import { newFolder } from './both-databases.ts';
import { FakeRooms } from './fake-rooms.ts';

export const SECRET = 'a-secret-of-the-tests-0123456789-abcdef';

export const MASTER_KEY = new Uint8Array(32).fill(7);

export interface TestServer extends RunningServer {
  readonly rooms: FakeRooms;
  readonly platform: Platform;
  readonly log: readonly string[]; // every line, of every level
  /** Resolves with the next line that holds this text. */
  nextLine(text: string): Promise<string>;
  /** A token as a backend would sign it. */
  token(identity?: Partial<Identity>): Promise<string>;
}

/** A server on a free port of loopback with rooms that the test holds; closed at its end. */
export async function newServer(t: TestContext, options: Options = {}, parts: Partial<Parts> = {}): Promise<TestServer> {
  const rooms = new FakeRooms();
  const log: string[] = [];
  const lines = new EventEmitter();
  lines.on('line', line => log.push(line));
  const settings = {
    serverAddr: '127.0.0.1:0',
    logLevel: 'trace',
    jwtSecret: SECRET,
    dataDir: newFolder(t),
    ...options,
  } as const;
  const configuration = loadConfiguration(settings, {});
  const logger = createLog({
    level: configuration.logLevel,
    pretty: false,
    destination: { write: line => lines.emit('line', line) },
  });
  const platform = await openPlatform(configuration, { masterKey: MASTER_KEY, log: logger, patience: 0 });
  const server = await serve(configuration, {
    secret: configuration.jwtSecret ?? SECRET,
    plane: new InMemoryMediaPlane(),
    createRooms: () => rooms,
    platform,
    log: logger,
    certificate: await configuredCertificate(configuration),
    certificateLooks: 20,
    webRoot: new URL('page/', import.meta.url).pathname,
    ...parts,
  });
  t.after(() => server.close());
  return {
    ...server,
    rooms,
    platform,
    log,
    async nextLine(text) {
      for await (const [line] of on(lines, 'line')) if (line.includes(text)) return line;
      throw new Error('unreachable: the lines have no end');
    },
    async token(identity = {}) {
      const secret = new TextEncoder().encode(configuration.jwtSecret);
      return (await signToken({ user_id: 'alice', ...identity }, { secret, lifetime: 60_000, now: Date.now() })).token;
    },
  };
}
