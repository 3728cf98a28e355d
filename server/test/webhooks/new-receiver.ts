import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { Webhook } from 'standardwebhooks';

export interface Received {
  readonly id: string; // `webhook-id`
  readonly type: string;
  readonly room: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

type Answer = (request: Received, response: ServerResponse, raw: IncomingMessage) => void;

export const ok: Answer = (_request, response) => response.end('ok');
export const failing: Answer = (_request, response) => response.writeHead(500).end('no');
export const hanging: Answer = () => {};
export const cutting: Answer = (_request, _response, raw) => raw.socket.destroy();

/** Somebody who is told of events, over real HTTP, and answers as the test likes. */
export class Receiver {
  readonly url: string;
  readonly received: Received[] = [];
  answer: Answer = ok;
  #arrived = Promise.withResolvers<void>();

  constructor(url: string) {
    this.url = url;
  }

  async handle(raw: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(raw);
    const { type, data } = JSON.parse(body);
    const request = { id: String(raw.headers['webhook-id']), type, room: data.room, body, headers: raw.headers };
    this.received.push(request);
    this.answer(request, response, raw);
    this.#arrived.resolve();
  }

  /** Resolves when so many requests have arrived. */
  async count(number: number): Promise<readonly Received[]> {
    while (this.received.length < number) {
      this.#arrived = Promise.withResolvers();
      await this.#arrived.promise;
    }
    return this.received;
  }

  /** Resolves when one like this has arrived. */
  async until(like: (received: Received) => boolean): Promise<Received> {
    for (let number = 0; ; number = this.received.length) {
      await this.count(number + 1);
      const found = this.received.slice(number).find(like);
      if (found !== undefined) return found;
    }
  }
}

export const verify = (secret: string, { body, headers }: Received) =>
  new Webhook(secret).verify(body, headers as Record<string, string>);

export async function newReceiver(t: TestContext, answer: Answer = ok): Promise<Receiver> {
  const server = createServer((request, response) => void receiver.handle(request, response).catch(() => {}));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const receiver = new Receiver(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
  receiver.answer = answer;
  return receiver;
}
