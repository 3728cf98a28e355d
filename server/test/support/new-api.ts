import type { TestContext } from 'node:test';
import { addressOf, OPERATIONS, type OperationName, Problem } from '@aqlinks/protocol';
import { signAdminToken } from '../../src/auth/sign-token.ts';
import type { Options } from '../../src/config/keys.ts';
import type { Parts } from '../../src/server.ts';
import { newServer, SECRET, type TestServer } from './new-server.ts';

export interface Asked {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was answered; tests look into it
  readonly body: any;
}

/** Somebody with credentials. Every answer is held against the schema of its operation. */
export class Caller {
  readonly #origin: string;
  readonly #credentials: string | undefined;

  constructor(origin: string, credentials: string | undefined) {
    this.#origin = origin;
    this.#credentials = credentials;
  }

  async ask(name: OperationName, { params, query, body, headers }: Asked = {}): Promise<Answer> {
    const operation = OPERATIONS[name];
    const { method, path } = addressOf(operation, params);
    const search = query === undefined ? '' : `?${new URLSearchParams(query)}`;
    const response = await fetch(`${this.#origin}${path}${search}`, {
      method,
      headers: {
        ...(this.#credentials === undefined ? {} : { authorization: `Bearer ${this.#credentials}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
    const answer = {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    };
    if (response.status >= 400) Problem.strict().parse(answer.body);
    else if ('created' in operation) operation.created.parse(answer.body);
    else if ('answer' in operation) operation.answer.parse(answer.body);
    return answer;
  }
}

export interface TestApi {
  readonly server: TestServer;
  readonly credentials: string; // of the operator: an admin token signed with JWT_SECRET
  readonly operator: Caller;
  readonly backend: Caller; // with a key of the default project, from API_KEYS
  readonly nobody: Caller; // without credentials
  /** A new project, and a caller with a key of it. */
  newProject(name: string): Promise<{ readonly caller: Caller; readonly key: string; readonly secret: string }>;
  callerWith(credentials: string): Caller;
}

export const KEY = 'backend';
export const KEY_SECRET = 'the-secret-of-the-backend-0123456789-abcdef';

/** A server with its store in a folder of this test, and some who ask it over HTTP. */
export async function newApi(t: TestContext, options: Options = {}, parts: Partial<Parts> = {}): Promise<TestApi> {
  const server = await newServer(t, { apiKeys: `${KEY}:${KEY_SECRET}`, ...options }, parts);
  const secret = new TextEncoder().encode(SECRET);
  const { token } = await signAdminToken({ user: 'root' }, { secret, lifetime: 3_600_000, now: Date.now() });
  const callerWith = (credentials: string | undefined) => new Caller(server.origin, credentials);
  const operator = callerWith(token);
  return {
    ...{ server, operator, callerWith, credentials: token },
    backend: callerWith(`${KEY}:${KEY_SECRET}`),
    nobody: callerWith(undefined),
    async newProject(project) {
      await operator.ask('createProject', { body: { project } });
      const { body } = await operator.ask('createKey', { query: { project }, body: {} });
      return { caller: callerWith(`${body.id}:${body.secret}`), key: body.id, secret: body.secret };
    },
  };
}

/** All items of a list, page by page. */
export async function everyPage(
  caller: Caller,
  name: OperationName,
  asked: Asked & { readonly limit: number },
): Promise<unknown[]> {
  const items: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = { ...asked.query, limit: String(asked.limit), ...(cursor === '' ? {} : { cursor }) };
    const { body }: Answer = await caller.ask(name, { ...asked, query });
    items.push(...body.items);
    cursor = body.next_cursor;
  }
  return items;
}
