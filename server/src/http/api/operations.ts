import {
  type AnswerOf,
  API_PREFIX,
  type BodyOf,
  OPERATIONS,
  type Operation,
  type OperationName,
  type Operations,
  type ParamsOf,
  type QueryOf,
} from '@aqlinks/protocol';
import type { FastifyRequest } from 'fastify';
import type { Note } from './note.ts';
import type { Principal } from './principal.ts';

/** One request of an operation, everything in it checked. */
export interface Call<T extends Operation> {
  readonly principal: Principal;
  readonly project: string; // in which it acts
  readonly params: ParamsOf<T>;
  readonly query: QueryOf<T>;
  readonly body: BodyOf<T>;
  readonly request: FastifyRequest;
  /** For the line in the audit log. */
  readonly note: (note: Note) => void;
}

export type Handler<T extends Operation> = (call: Call<T>) => Promise<AnswerOf<T>> | AnswerOf<T>;

/** One for each operation of the table: a missing one does not compile. */
export type Handlers = { readonly [Name in OperationName]: Handler<Operations[Name]> };
export type SomeHandlers<Name extends OperationName> = Pick<Handlers, Name>;

export interface Route {
  readonly name: OperationName;
  readonly operation: Operation;
  readonly method: string;
  readonly url: string; // as fastify writes it
  readonly pattern: RegExp; // of its path
}

/** The table as the router needs it. */
export const ROUTES: readonly Route[] = (Object.keys(OPERATIONS) as OperationName[]).map(name => {
  const operation: Operation = OPERATIONS[name];
  const [method = '', path = ''] = operation.at.split(' ');
  return {
    name,
    operation,
    method,
    url: `${API_PREFIX}${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    pattern: new RegExp(`^${API_PREFIX}${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  };
});

/** The methods that a path knows; none: there is no such path. */
export const methodsOf = (path: string) => [
  ...new Set(ROUTES.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)),
];
