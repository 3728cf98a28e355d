import type * as z from 'zod';

/** Whose credentials are asked for: an API key or admin token of the project; the operator of the server; the token itself does too. */
export type Access = 'project' | 'operator' | 'holder';

/** One thing that can be asked of `/api/v1`. Without `answer`, `created` and `lines` the answer is 204. */
export interface Operation {
  readonly at: `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`; // method and path under /api/v1, as OpenAPI writes it
  readonly summary: string;
  readonly description?: string;
  readonly access?: Access; // default: project
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType; // no body is `{}`
  readonly answer?: z.ZodType; // of 200
  readonly created?: z.ZodType; // of 201
  readonly lines?: true; // the answer is application/x-ndjson
  readonly idempotent?: true; // an `Idempotency-Key` makes it happen once
}

export const defineOperations = <T extends Record<string, Operation>>(operations: T): T => operations;

type Read<T> = T extends z.ZodType ? z.output<T> : undefined;
type Written<T> = T extends z.ZodType ? z.input<T> : undefined;
type Field<T, Name extends string> = T extends { readonly [K in Name]: infer F } ? F : undefined;

/** What a server finds in a request, defaults filled in. */
export type ParamsOf<T extends Operation> = Read<Field<T, 'params'>>;
export type QueryOf<T extends Operation> = Read<Field<T, 'query'>>;
export type BodyOf<T extends Operation> = Read<Field<T, 'body'>>;
/** What a client sends. */
export type BodyFor<T extends Operation> = Written<Field<T, 'body'>>;
/** What a server answers and a client gets. */
export type AnswerOf<T extends Operation> = T extends { readonly created: infer C extends z.ZodType }
  ? z.output<C>
  : T extends { readonly answer: infer A extends z.ZodType }
    ? z.output<A>
    : T extends { readonly lines: true }
      ? AsyncIterable<string>
      : undefined;

export const API_PREFIX = '/api/v1';

/** Method and path of an operation, its parameters put in and escaped. */
export function addressOf(operation: Operation, params: Readonly<Record<string, string>> = {}): { method: string; path: string } {
  const [method = '', path = ''] = operation.at.split(' ');
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name] ?? ''));
  return { method, path: `${API_PREFIX}${filled}` };
}
