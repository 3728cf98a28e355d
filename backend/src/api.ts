import {
  type AnswerOf,
  addressOf,
  type BodyFor,
  OPERATIONS,
  type Operation,
  type OperationName,
  type Operations,
  type Page,
  type ParamsOf,
} from '@aqlinks/protocol';
import type * as z from 'zod';
import { ApiError, ApiUnreachable } from './api-error.ts';
import type { ApiKey } from './api-key.ts';

export interface ApiOptions {
  readonly url: string; // of the server, such as https://calls.example.com
  readonly key: ApiKey | string; // or an admin token
  readonly project?: string; // for an admin token of the operator; default: that of the key, or `default`
  readonly timeout?: number; // ms; default: 10,000
  readonly fetch?: typeof fetch;
}

type QueryFor<T> = T extends { readonly query: infer Q extends z.ZodType } ? z.input<Q> : undefined;

/** Left out where there is nothing of the kind, optional where all in it is. */
type Part<Name extends string, Value> = [Value] extends [undefined]
  ? Record<never, never>
  : Record<never, never> extends Value
    ? { readonly [K in Name]?: Value }
    : { readonly [K in Name]: Value };

/** What one operation is asked with. */
export type ApiRequest<T extends Operation> = Part<'params', ParamsOf<T>> &
  Part<'query', QueryFor<T>> &
  Part<'body', BodyFor<T>> & {
    readonly idempotencyKey?: string; // the same again: it happens once, and the first answer comes again
    readonly signal?: AbortSignal;
  };

/** `/api/v1`, a function an operation: `api.changeRole({ params: { room, participant }, body: { role: 'presenter' } })`. */
export type Api = {
  readonly [Name in OperationName]: Record<never, never> extends ApiRequest<Operations[Name]>
    ? (request?: ApiRequest<Operations[Name]>) => Promise<AnswerOf<Operations[Name]>>
    : (request: ApiRequest<Operations[Name]>) => Promise<AnswerOf<Operations[Name]>>;
};

/** Each call rejects with `ApiError` where the server refuses, and with `ApiUnreachable` where none answers. */
export function createApi(options: ApiOptions): Api {
  const entries = Object.entries(OPERATIONS).map(([name, operation]) => [name, callOf(operation, options)]);
  return Object.fromEntries(entries) as Api;
}

interface AnyRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

const TIMEOUT = 10_000; // ms

function callOf(operation: Operation, options: ApiOptions) {
  return async ({ params, query, body, idempotencyKey, signal }: AnyRequest = {}): Promise<unknown> => {
    const { method, path } = addressOf(operation, params);
    const address = new URL(`${options.url.replace(/\/+$/, '')}${path}`);
    const { project, timeout = TIMEOUT, fetch: ask = fetch } = options;
    for (const [name, value] of Object.entries({ ...query, project })) {
      if (value !== undefined) address.searchParams.set(name, String(value));
    }
    const headers = {
      authorization: `Bearer ${credentials(options.key)}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    };
    const patience = operation.lines ? [] : [AbortSignal.timeout(timeout)]; // an export takes as long as it is
    const signals = signal === undefined ? patience : [...patience, signal];
    let response: Response;
    try {
      response = await ask(address, {
        ...{ method, headers, signal: AbortSignal.any(signals) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw new ApiUnreachable(address, error);
    }
    if (!response.ok) throw await ApiError.of(response);
    return read(operation, response);
  };
}

const credentials = (key: ApiKey | string) => (typeof key === 'string' ? key : `${key.id}:${key.secret}`);

/** Checked by the schema, so that a server of another kind or version is noticed here and not later. */
async function read({ answer, created, lines }: Operation, response: Response): Promise<unknown> {
  if (lines) return readLines(response);
  const schema = created ?? answer;
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) throw new ApiError(response.status, undefined, undefined);
  return parsed.data;
}

async function* readLines(response: Response): AsyncIterable<unknown> {
  let rest = '';
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line);
  }
  if (rest !== '') yield JSON.parse(rest);
}

/** All items of a list, page after page: `everyItem(cursor => api.listRooms({ query: { cursor } }))`. */
export async function* everyItem<Item>(list: (cursor: string | undefined) => Promise<Page<Item>>): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const { items, next_cursor } = await list(cursor);
    yield* items;
    cursor = next_cursor ?? undefined;
  } while (cursor !== undefined);
}
