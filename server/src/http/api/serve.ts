import { Readable } from 'node:stream';
import { API_PREFIX, DEFAULT_PROJECT } from '@aqlinks/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type * as z from 'zod';
import { ACTIONS } from './actions.ts';
import { authenticate } from './authenticate.ts';
import { checkCursor } from './cursor.ts';
import { isTooDeep, MAX_DEPTH } from './depth.ts';
import { asProblem, internal } from './errors.ts';
import { type Answered, fingerprint, once, readKey } from './idempotency.ts';
import type { Note } from './note.ts';
import { type Call, type Handlers, methodsOf, ROUTES, type Route } from './operations.ts';
import type { ApiParts } from './ports.ts';
import type { Principal } from './principal.ts';
import { ApiProblem, invalid, notFound, PROBLEM_TYPE } from './problem.ts';

const MAX_BODY_BYTES = 64 * 1024; // of those who have shown their credentials
const MAX_HOLDER_BODY_BYTES = 16 * 1024;

/** A handler as the router sees it: what it is given was checked by the schemas of its operation. */
type AnyHandler = (call: unknown) => unknown;

/** Serves the table of operations under `/api/v1`: credentials, then the schemas, then the handler, then the log. */
export function serveOperations(app: FastifyInstance, handlers: Handlers, parts: ApiParts): void {
  const principals = new WeakMap<FastifyRequest, Principal>();
  app.register(
    async api => {
      api.setErrorHandler((error, request, reply) => {
        // Fastify refuses some methods for what they lack before it finds that nothing knows them here.
        const problem = request.is404 ? nowhere(request, reply) : asProblem(error);
        if (problem === undefined) parts.failed(error);
        refuse(problem ?? internal(), request, reply);
      });
      api.setNotFoundHandler((request, reply) => refuse(nowhere(request, reply), request, reply));
      readJson(api);
      letPagesRefresh(api, parts);
      for (const route of ROUTES) {
        api.route({
          method: route.method as 'GET' | 'POST' | 'PUT' | 'DELETE',
          url: route.url.slice(API_PREFIX.length),
          bodyLimit: route.operation.access === 'holder' ? MAX_HOLDER_BODY_BYTES : MAX_BODY_BYTES,
          async onRequest(request, reply) {
            if (route.operation.access === 'holder') allowOrigin(request, reply, parts);
            try {
              principals.set(
                request,
                await authenticate(request.headers.authorization, route.operation.access ?? 'project', parts),
              );
            } catch (error) {
              recordRefusal(parts, request, error);
              reply.header('WWW-Authenticate', 'Bearer realm="aqlinks"'); // RFC 9110 11.6.1
              if (hasBody(request)) reply.header('Connection', 'close'); // nobody reads on for it
              throw error;
            }
          },
          handler: (request, reply) =>
            serve({ request, reply, route, handlers, parts, principal: principals.get(request) ?? { kind: 'holder' } }),
        });
      }
    },
    { prefix: API_PREFIX },
  );
}

interface Served {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly route: Route;
  readonly handlers: Handlers;
  readonly parts: ApiParts;
  readonly principal: Principal;
}

async function serve({ request, reply, route, handlers, parts, principal }: Served): Promise<FastifyReply> {
  const { operation, name } = route;
  const query = { ...(request.query as Record<string, unknown>) };
  const project = projectOf(principal, query.project, parts);
  delete query.project;
  if (principal.kind !== 'holder') parts.checkProject(project, request);
  checkCursor(query.cursor);
  let notes: Note = {};
  const call: Call<typeof operation> = {
    principal,
    project,
    params: checked(operation.params, request.params, 'path'),
    query: checked(operation.query, query, 'query'),
    body: checked(operation.body, request.body === undefined ? {} : request.body, 'body'),
    request,
    note: note => {
      notes = { ...notes, ...note };
    },
  };
  const handler = handlers[name] as AnyHandler;
  const carryOut = async () => {
    try {
      const answer = await handler(call);
      record({ call, name, notes, outcome: 'accepted' }, parts);
      return answer;
    } catch (error) {
      const problem = asProblem(error);
      const reason = problem?.code ?? 'internal';
      record({ call, name, notes: { ...notes, reason }, outcome: 'refused' }, parts);
      throw error;
    }
  };
  if (operation.lines) {
    return reply.type('application/x-ndjson; charset=utf-8').send(Readable.from((await carryOut()) as AsyncIterable<string>));
  }
  const status = operation.created !== undefined ? 201 : operation.answer !== undefined ? 200 : 204;
  const answered = async (): Promise<Answered> => ({ status, body: JSON.stringify(await carryOut()) ?? '' });
  const key = operation.idempotent ? readKey(request.headers['idempotency-key']) : undefined;
  if (key === undefined) return send(reply, await answered());
  const print = fingerprint(route.name, call.params, call.query, call.body);
  const { repeated, ...first } = await once({ project, key, fingerprint: print }, parts, answered);
  if (repeated) reply.header('Idempotency-Replayed', 'true');
  return send(reply, first);
}

const hasBody = ({ headers }: FastifyRequest) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

function send(reply: FastifyReply, { status, body }: Answered): FastifyReply {
  reply.code(status);
  return status === 204 ? reply.send() : reply.type('application/json; charset=utf-8').send(body);
}

/** In which project it acts: that of the credentials. Only the operator may name another; for others there is none. */
function projectOf(principal: Principal, asked: unknown, { directory }: ApiParts): string {
  if (principal.kind === 'holder') return DEFAULT_PROJECT; // the token in the body will say
  if (asked !== undefined && typeof asked !== 'string') throw new ApiProblem('invalid-request', 'Give `?project=` once.');
  if (principal.kind === 'key') {
    if (asked === undefined || asked === principal.project) return principal.project;
    throw notFound('project');
  }
  if (asked === undefined) return DEFAULT_PROJECT;
  if (!directory.hasProject(asked)) throw new ApiProblem('not-found', 'There is no such project.');
  return asked;
}

function checked(schema: z.ZodType | undefined, value: unknown, where: 'body' | 'query' | 'path'): never {
  if (schema === undefined) {
    const surplus = where === 'query' ? Object.keys(value as object)[0] : undefined;
    if (surplus !== undefined) throw new ApiProblem('invalid-request', 'This address takes no query.');
    return undefined as never;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalid(parsed.error, where);
  return parsed.data as never;
}

/** No body is `{}`: acts that need nothing said are asked for with nothing. */
function readJson(api: FastifyInstance): void {
  const parse = api.getDefaultJsonParser('error', 'error'); // `__proto__` and `constructor.prototype` are refused
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') done(null, undefined);
    else if (isTooDeep(text as string))
      done(new ApiProblem('invalid-request', `The body is nested deeper than ${MAX_DEPTH} levels.`), undefined);
    else parse(request, text as string, done);
  });
}

/** The one thing that a page in a browser, which holds a token and no key, may ask for from another origin (Fetch 3.2). */
function letPagesRefresh(api: FastifyInstance, parts: ApiParts): void {
  for (const { url } of ROUTES.filter(({ operation }) => operation.access === 'holder')) {
    api.options(url.slice(API_PREFIX.length), (request, reply) => {
      allowOrigin(request, reply, parts);
      reply.headers({
        'Access-Control-Allow-Methods': 'POST',
        'Access-Control-Allow-Headers': 'content-type',
        'Access-Control-Max-Age': '600',
      });
      return reply.code(204).send();
    });
  }
}

function allowOrigin(request: FastifyRequest, reply: FastifyReply, { mayCall }: ApiParts): void {
  reply.header('Vary', 'Origin');
  const { origin } = request.headers;
  if (origin !== undefined && mayCall(request)) reply.header('Access-Control-Allow-Origin', origin);
}

function refuse(problem: ApiProblem, request: FastifyRequest, reply: FastifyReply): void {
  if (problem.retryAfter !== undefined) reply.header('Retry-After', String(problem.retryAfter));
  reply.code(problem.status).type(PROBLEM_TYPE);
  reply.send(request.method === 'HEAD' ? '' : JSON.stringify(problem.body));
}

function nowhere(request: FastifyRequest, reply: FastifyReply): ApiProblem {
  const methods = methodsOf((request.raw.url ?? '').split('?', 1)[0] ?? '');
  if (methods.length === 0) return new ApiProblem('not-found', 'There is no such address. All of them are at /api/docs.');
  reply.header('Allow', methods.join(', ')); // RFC 9110 15.5.6
  return new ApiProblem('method-not-allowed', `This address knows ${methods.join(', ')}.`);
}

interface Recorded {
  readonly call: Call<Route['operation']>;
  readonly name: Route['name'];
  readonly notes: Note;
  readonly outcome: 'accepted' | 'refused';
}

/** Acts leave a line in the audit log, whether they came to something or not; looking at things does not. */
function record({ call, name, notes, outcome }: Recorded, { audit, addressOf }: ApiParts): void {
  const action = ACTIONS[name];
  if (action === undefined) return;
  const { principal, request, params, body } = call;
  const given = { ...(body as object | undefined), ...(params as object | undefined) } as Readonly<Record<string, unknown>>;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  audit.record({
    action,
    outcome,
    key: principal.kind === 'key' ? principal.key : undefined,
    user: text(given.user_id),
    room: text(given.room),
    address: addressOf(request),
    userAgent: request.headers['user-agent'],
    ...notes,
    project: notes.project ?? call.project,
    details: { ...actor(principal), ...notes.details },
  });
}

function actor(principal: Principal): Readonly<Record<string, string>> {
  switch (principal.kind) {
    case 'key':
      return { by: principal.user ?? 'key', ...(principal.jti === undefined ? {} : { admin_token: principal.jti }) };
    case 'operator':
      return { by: principal.user ?? 'operator', ...(principal.jti === undefined ? {} : { admin_token: principal.jti }) };
    case 'holder':
      return { by: 'holder' };
  }
}

function recordRefusal({ audit, addressOf }: ApiParts, request: FastifyRequest, error: unknown): void {
  const problem = asProblem(error);
  if (problem === undefined) return;
  audit.record({
    action: 'admin.refused',
    outcome: 'refused',
    reason: problem.code,
    project: DEFAULT_PROJECT,
    address: addressOf(request),
    userAgent: request.headers['user-agent'],
  });
}
