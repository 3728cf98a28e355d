import { EventEmitter, once } from 'node:events';
import type { TestContext } from 'node:test';
import type { Moderation, RoleTable, RoomSettings } from '@aqlinks/protocol';
import { WebSocket } from 'ws';
import { createRooms } from '../../src/conference/rooms.ts';
import type { Options } from '../../src/config/keys.ts';
import { InMemoryMediaPlane } from '../../src/media/in-memory.ts';
import type { Rooms } from '../../src/session.ts';
import { answerTo } from '../negotiation/answerer.ts';
import { newServer, SECRET, type TestServer } from '../support/new-server.ts';
import { sign } from './sign.ts';

/** A server on a real port with its real rooms, over a media plane in memory. */
export interface CallServer extends Omit<TestServer, 'rooms'> {
  readonly live: Rooms;
  readonly plane: InMemoryMediaPlane;
}

export async function newCallServer(t: TestContext, options: Options = {}): Promise<CallServer> {
  const plane = new InMemoryMediaPlane();
  let live: Rooms | undefined;
  const server = await newServer(t, options, {
    plane,
    createRooms: wired => {
      live = createRooms(wired);
      return live;
    },
  });
  if (live === undefined) throw new Error('no rooms were made');
  return { ...server, live, plane };
}

type Message = { readonly event: string; readonly data?: unknown };

export interface Who {
  readonly user: string;
  readonly role?: string;
  readonly room?: string;
  readonly claims?: object;
  readonly extended?: boolean; // default: true
}

/** Somebody on a real WebSocket who answers every offer at once, and sends wherever it may. */
export class CallClient {
  readonly socket: WebSocket;
  readonly seen: Message[] = [];
  /** The code that the server closed with. */
  closed: number | undefined;
  readonly #changes = new EventEmitter();

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', text => this.#receive(JSON.parse(text.toString())));
    socket.on('error', () => {});
    socket.on('close', code => {
      this.closed = code;
      this.#changes.emit('change');
    });
  }

  /** Who they are in the room. */
  get id(): string {
    const welcome = this.#last('welcome') as { participant: { id: string } } | undefined;
    return welcome?.participant.id ?? '';
  }

  send(message: Message): void {
    this.socket.send(JSON.stringify(message));
  }

  moderate(act: Moderation): void {
    this.send({ event: 'moderate', data: act });
  }

  /** The last one's data, now or once one comes. */
  async got<T = unknown>(event: string): Promise<T> {
    await this.until(() => this.seen.some(message => message.event === event), event);
    return this.#last(event) as T;
  }

  /** The codes of all errors so far. */
  errors(): string[] {
    return this.seen.filter(({ event }) => event === 'error').map(({ data }) => JSON.parse(String(data)).code);
  }

  /** Everything that was sent so far is carried out, and everything that it causes here has come. */
  async settled(): Promise<void> {
    const before = this.seen.filter(({ event }) => event === 'pong').length;
    this.send({ event: 'ping' });
    await this.until(() => this.seen.filter(({ event }) => event === 'pong').length > before, 'the pong');
  }

  async until(isTrue: () => boolean, what: string): Promise<void> {
    while (!isTrue()) {
      if (this.closed !== undefined && what !== 'the close')
        throw new Error(`closed with ${this.closed} while waiting for ${what}: ${JSON.stringify(this.seen.slice(-3))}`);
      await once(this.#changes, 'change');
    }
  }

  async close(): Promise<number> {
    await this.until(() => this.closed !== undefined, 'the close');
    return this.closed ?? 0;
  }

  /** The last offer's directions by mid. */
  directions(): string[] {
    const offer = this.seen.filter(({ event }) => event === 'offer').at(-1);
    return [...String(offer?.data).matchAll(/a=(sendonly|recvonly|inactive|sendrecv)/g)].map(found => found[1] ?? '');
  }

  #last(event: string): unknown {
    return this.seen.filter(message => message.event === event).at(-1)?.data;
  }

  #receive(message: Message): void {
    this.seen.push(message);
    if (message.event === 'offer') {
      const sdp = answerTo(JSON.parse(String(message.data)).sdp, { sends: () => true });
      this.send({ event: 'answer', data: JSON.stringify({ type: 'answer', sdp }) });
    }
    this.#changes.emit('change');
  }
}

/** Connected; in the room, or in its lobby. */
export async function enter(t: TestContext, server: CallServer, who: Who): Promise<CallClient> {
  const client = new CallClient(await connect(t, server, who));
  await once(client.socket, 'open');
  return client;
}

export async function connect(t: TestContext, server: CallServer, who: Who): Promise<WebSocket> {
  const { user, role = 'guest', room = 'r', claims = {}, extended = true } = who;
  const token = await sign({ user_id: user, user_type: role, room, ...claims }, SECRET);
  const socket = new WebSocket(`${server.webSocketUrl}?token=${token}`, extended ? ['aqlinks.v1'] : []);
  t.after(() => socket.terminate());
  return socket;
}

/** Sets a role table of the default project, as its owner does. */
export async function setRoles(server: CallServer, table: RoleTable): Promise<void> {
  await server.platform.store.roles.replace('default', table);
}

export async function setRoom(server: CallServer, room: string, settings: RoomSettings): Promise<void> {
  server.live.applySettings('default', room, settings);
}
