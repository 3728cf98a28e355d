import { lookup } from 'node:dns';
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { CheckAddress } from './addresses.ts';
import { type Attempt, retryAfter } from './schedule.ts';

export interface Outgoing {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SenderOptions {
  readonly check: CheckAddress;
  readonly timeout: number; // ms, from the first step to the last byte
  readonly userAgent: string;
  readonly now: () => number;
}

export interface Sender {
  /** One attempt. Never rejects. */
  send(outgoing: Outgoing): Promise<Attempt>;
  /** What is under way fails. */
  close(): void;
}

const MAX_ANSWER = 64 * 1_024; // bytes that are read of an answer, of which only the status is used
const IDLE = 4_000; // ms that a connection is kept: less than the 5 s after which Node's own servers close theirs

class AddressRefused extends Error {}

/** Follows no redirect: the address that was named is the one that was checked. */
export function createSender(options: SenderOptions): Sender {
  const settings = { keepAlive: true, timeout: IDLE, maxFreeSockets: 64 };
  const agents = { http: new HttpAgent(settings), https: new HttpsAgent(settings) };
  const closing = new AbortController();

  function attempt({ url, headers, body }: Outgoing, signal: AbortSignal): Promise<Attempt> {
    return new Promise(resolve => {
      const target = new URL(url);
      const secure = target.protocol === 'https:';
      const host = target.hostname.replace(/^\[|\]$/g, '');
      const problem = isIP(host) === 0 ? undefined : options.check(host, secure); // addresses are not looked up
      if (problem !== undefined) {
        resolve({ type: 'failed', error: problem });
        return;
      }
      const start = secure ? requestHttps : requestHttp;
      const request: ClientRequest = start(target, {
        method: 'POST',
        agent: secure ? agents.https : agents.http,
        lookup: checkedLookup(options.check, secure),
        signal,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': options.userAgent,
          ...headers,
        },
      });
      let answer: IncomingMessage | undefined;
      request.on('response', response => {
        answer = response;
        drain(response, () => resolve(answered(response, options.now())));
      });
      request.on('error', error => {
        if (answer !== undefined) return resolve(answered(answer, options.now())); // its status is known already
        // Kept open, and closed by the receiver just when we took it up again: it never saw the request.
        if (request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET' && !signal.aborted) {
          resolve(attempt({ url, headers, body }, signal));
        } else {
          resolve({ type: 'failed', error: describe(error, options.timeout) });
        }
      });
      request.end(body);
    });
  }

  return {
    send: outgoing => attempt(outgoing, AbortSignal.any([closing.signal, AbortSignal.timeout(options.timeout)])),
    close() {
      closing.abort();
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** To its end, so that the connection can be used again, but not for ever. The status alone says what came of it. */
function drain(response: IncomingMessage, done: () => void): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER) response.destroy();
  });
  response.on('error', () => {}); // `close` follows
  response.on('close', done);
}

const answered = ({ statusCode = 0, headers }: IncomingMessage, now: number): Attempt => ({
  type: 'answered',
  status: statusCode,
  retryAfter: retryAfter(headers['retry-after'], now),
});

/** The addresses that are checked are those that are connected to: a name that is looked up twice may change between. */
function checkedLookup(check: CheckAddress, secure: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const problem = addresses.map(({ address }) => check(address, secure)).find(each => each !== undefined);
      if (problem !== undefined) return callback(new AddressRefused(problem), []);
      const [first] = addresses;
      return options.all === true ? callback(null, addresses) : callback(null, first?.address ?? '', first?.family);
    });
  };
}

const SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'It refused the connection.',
  ECONNRESET: 'It cut the connection.',
  ENOTFOUND: 'Its name has no address.',
  EAI_AGAIN: 'Its name could not be looked up.',
  EHOSTUNREACH: 'There is no way to its address.',
  ENETUNREACH: 'There is no way to its address.',
};

function describe(error: Error, timeout: number): string {
  if (error instanceof AddressRefused) return error.message;
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return `It did not answer within ${timeout / 1_000} s.`;
  const { code = error.name } = error as NodeJS.ErrnoException;
  return SENTENCES[code] ?? `The request failed: ${code}.`;
}
