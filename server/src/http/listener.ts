import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { API_PREFIX } from '@aqlinks/protocol';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ApiProblem, PROBLEM_TYPE } from './api/problem.ts';
import { asRefusal, internal, Refusal } from './refusal.ts';
import type { Certificate } from './tls/certificate.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** Bounds on whoever has not authenticated yet. */
const MAX_HEAD_BYTES = 16 * 1024; // a token of 8 kB in the address, and as much again
const MAX_BODY_BYTES = 16 * 1024;
const HEAD_TIMEOUT = 10_000; // ms from the connection to the end of its request's head
const REQUEST_TIMEOUT = 15_000; // ms to its end
const IDLE_TIMEOUT = 10_000; // ms between two requests of one connection
const TIMEOUT_CHECKS = 1_000; // ms between two looks at those
const STALL_TIMEOUT = 30_000; // ms without a byte in either direction; WebSockets have their own

export interface ListenerOptions {
  readonly certificate: Certificate | undefined; // undefined: HTTP without TLS
  readonly waiting: WaitingRoom;
  /** Throws the `Refusal` of whoever asks too much. */
  readonly check: (request: IncomingMessage) => void;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly served: (method: string, route: string, status: number) => void;
  readonly failed: (error: unknown) => void; // a bug of ours
}

/** The HTTP server without its routes: bounds, headers and errors. */
export function createListener(options: ListenerOptions): FastifyInstance {
  const app = fastify({
    logger: false, // its lines would hold the query, and the query holds the token
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: MAX_HEAD_BYTES }, // a room's name of 128 characters may take 1,536 in an address
    return503OnClosing: false, // `/health` goes on answering until the end
    clientErrorHandler: refuseBytes,
    frameworkErrors: (_error, request, reply) => void refuseAddress(request, reply),
    serverFactory: handler => newServer(handler, options.certificate),
  });
  gate(app.server, socket => options.waiting.enter(socket));
  app.server.on('upgrade', options.upgrade);
  app.addHook('onRequest', async request => options.check(request.raw));
  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) if (!reply.hasHeader(name)) reply.header(name, value);
  });
  app.addHook('onResponse', async (request, reply) => {
    options.served(request.method, request.routeOptions.url ?? 'none', reply.statusCode);
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(NOT_FOUND.body));
  app.setErrorHandler((error, _request, reply) => {
    const refusal = asRefusal(error) ?? clientFault(error);
    if (refusal === undefined) options.failed(error);
    const { status, body, retryAfter } = refusal ?? internal();
    if (retryAfter !== undefined) reply.headers({ 'Retry-After': String(retryAfter), Connection: 'close' }); // no reading on for it
    return reply.code(status).send(body);
  });
  return app;
}

function newServer(handler: RequestListener, certificate: Certificate | undefined): Server {
  const bounds = {
    maxHeaderSize: MAX_HEAD_BYTES,
    headersTimeout: HEAD_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    keepAliveTimeout: IDLE_TIMEOUT,
    connectionsCheckingInterval: TIMEOUT_CHECKS,
    shouldUpgradeCallback: (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() === 'websocket', // h2c is offered by curl
  };
  const { cert, key } = certificate ?? {};
  const server =
    certificate === undefined
      ? createServer(bounds, handler)
      : createSecureServer({ ...bounds, cert, key, handshakeTimeout: HEAD_TIMEOUT }, handler);
  return server.setTimeout(STALL_TIMEOUT);
}

/** Before HTTP or TLS begin with a connection: what is cut off costs nothing more. */
function gate(server: Server, mayEnter: (socket: Socket) => boolean): void {
  const serve = server.listeners('connection');
  server.removeAllListeners('connection').on('connection', socket => {
    if (mayEnter(socket)) for (const listener of serve) listener.call(server, socket);
    else socket.destroy();
  });
}

const NOT_FOUND = new Refusal(404, 'not-found', 'There is nothing here. The page is at /aq_server/.');

/** For everything but the page, which brings its own. */
const SECURITY_HEADERS = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer', // an address may hold a token
  'X-Content-Type-Options': 'nosniff',
};

/** What fastify refuses by itself: a body too large, no JSON, another media type. Its sentences quote nothing but sizes and types. */
function clientFault(error: unknown): Refusal | undefined {
  const { statusCode, code, message } = error as { statusCode?: unknown; code?: unknown; message?: unknown };
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode >= 500) return undefined;
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY' || error instanceof SyntaxError)
    return new Refusal(400, 'not-json', 'The body is not JSON.');
  return new Refusal(statusCode, 'invalid-request', String(message));
}

const BYTE_REFUSALS: Record<string, Refusal> = {
  HPE_HEADER_OVERFLOW: new Refusal(
    431,
    'head-too-large',
    `The head of the request is larger than ${MAX_HEAD_BYTES} bytes. Is the token that long?`,
  ),
  ERR_HTTP_REQUEST_TIMEOUT: new Refusal(408, 'request-timeout', 'The request did not come in time.'),
};
const BAD_REQUEST = new Refusal(400, 'invalid-request', 'This is no HTTP/1.1 request.');

/** What is not percent-encoded UTF-8, told as the part of the server tells it that was meant. */
function refuseAddress(request: FastifyRequest, reply: FastifyReply): void {
  const sentence = 'The address is not percent-encoded UTF-8.';
  const problem = new ApiProblem('invalid-request', sentence);
  const isApi = (request.raw.url ?? '').startsWith(`${API_PREFIX}/`);
  reply.code(400).headers({ ...SECURITY_HEADERS, 'Content-Type': isApi ? PROBLEM_TYPE : 'application/json; charset=utf-8' });
  reply.send(JSON.stringify(isApi ? problem.body : new Refusal(400, 'invalid-request', sentence).body));
}

/** A handshake that failed: there is nothing yet to answer through. */
const isOfTls = ({ code }: { code?: string }) => /^ERR_(SSL|TLS)_/.test(code ?? '');

/** What is no request at all: answered, then cut off. */
function refuseBytes(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET' || isOfTls(error)) {
    socket.destroy();
    return;
  }
  const { status, body } = BYTE_REFUSALS[error.code ?? ''] ?? BAD_REQUEST;
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
    () => socket.destroy(),
  );
}
