import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { apiKeys, masterKey, postgresUrl } from './store-values.ts';
import {
  duration,
  flag,
  iceServerUrl,
  list,
  listenAddress,
  mediaAddress,
  network,
  origin,
  rate,
  webOrigin,
  whole,
} from './values.ts';

/** One setting: its name in the environment, its shape, its default as one would write it, and a sentence for the documentation. */
interface Key<S extends z.ZodType> {
  readonly name: string;
  readonly schema: S;
  readonly default: string | undefined; // undefined: has none
  readonly defaultText?: string; // where the default is no fixed text
  readonly secret?: true; // never printed
  readonly text: string;
}

const key = <S extends z.ZodType>(definition: Key<S>) => definition;

/** Every setting of the server, in the order in which the documentation shows them. */
export const KEYS = {
  jwtSecret: key({
    name: 'JWT_SECRET',
    schema: z.string().max(4_096).optional(),
    default: undefined,
    defaultText: 'made at the first start (development), none (production)',
    secret: true,
    text: 'The secret that your backend signs tokens with (HS256). Production demands at least 32 bytes and refuses well-known ones; development warns. Without one, development makes one and keeps it in `DATA_DIR/jwt-secret`.',
  }),
  tokenClockTolerance: key({
    name: 'TOKEN_CLOCK_TOLERANCE',
    schema: duration('0s', '5m'),
    default: '5s',
    text: 'How far the clock of the machine that signs tokens may be off: `exp` and `nbf` are taken this much more leniently.',
  }),
  tokenExpiryNotice: key({
    name: 'TOKEN_EXPIRY_NOTICE',
    schema: duration('0s', '1d'),
    default: '60s',
    text: 'How long before a token expires its holder is told in the call, so that a new one can be handed over without leaving.',
  }),
  tokenExpiryGrace: key({
    name: 'TOKEN_EXPIRY_GRACE',
    schema: duration('0s', '365d'),
    default: '30s',
    text: 'How long after that somebody stays in the call without a new token, before they are removed. Set it long where clients cannot renew tokens and calls may outlast them. A token without `exp` never expires.',
  }),
  environment: key({
    name: 'ENVIRONMENT',
    schema: z.enum(['development', 'production']),
    default: 'development',
    text: '`development` gives the page its tokens (`POST /aq_server/token`) to anyone who can reach the server; `production` switches that off and demands a strong `JWT_SECRET`.',
  }),
  serverAddr: key({
    name: 'SERVER_ADDR',
    schema: listenAddress,
    default: ':8080',
    text: 'Where HTTP and WebSocket are served: `:PORT` for every address of the machine, or `HOST:PORT`.',
  }),
  publicUrl: key({
    name: 'PUBLIC_URL',
    schema: origin.optional(),
    default: undefined,
    defaultText: 'as each request reached the server',
    text: 'Where clients reach this server, such as `https://calls.example.com`: what `ws_url` of the REST API begins with. Without it, it is the host that a request named, or what `TRUSTED_PROXIES` forward.',
  }),
  tlsCert: key({
    name: 'TLS_CERT',
    schema: z.string().min(1).max(4_096).optional(),
    default: undefined,
    defaultText: 'none: HTTP and WS, for a reverse proxy or this machine alone',
    text: 'The file of the certificate (PEM, with its chain) to serve HTTPS and WSS with, together with `TLS_KEY`. Both are read again within seconds when they change; what cannot be used leaves the old ones in place.',
  }),
  tlsKey: key({
    name: 'TLS_KEY',
    schema: z.string().min(1).max(4_096).optional(),
    default: undefined,
    text: 'The file of the private key of `TLS_CERT` (PEM, without a passphrase).',
  }),
  mediaAddress: key({
    name: 'MEDIA_ADDRESS',
    schema: list(mediaAddress),
    default: '',
    defaultText: 'every address of the machine',
    text: 'IP addresses that clients are told to send media to, separated by commas. Set it to the public address behind a NAT or in a container, or to a STUN server that says which one that is, such as `stun:stun.example.com:3478`: it is asked at the start. `aqlinks doctor` tries each.',
  }),
  mediaPort: key({
    name: 'MEDIA_PORT',
    schema: whole(0, 65_535),
    default: '40000',
    text: 'The UDP port of the first media worker; the others follow. Open `MEDIA_PORT` to `MEDIA_PORT + MEDIA_WORKERS - 1` in the firewall. `0` takes any free ports.',
  }),
  mediaAnnouncedPort: key({
    name: 'MEDIA_ANNOUNCED_PORT',
    schema: whole(0, 65_535),
    default: '0',
    defaultText: 'the port itself',
    text: 'The port that clients are told for the first media worker, where a NAT or a container maps `MEDIA_PORT` to another one; those of the other workers follow it one by one.',
  }),
  mediaTcp: key({
    name: 'MEDIA_TCP',
    schema: flag,
    default: 'true',
    text: 'Takes media over TCP too, on the same port numbers, for networks that let no UDP through (ICE-TCP, RFC 6544). UDP is preferred by every client that can use it.',
  }),
  turnUrls: key({
    name: 'TURN_URLS',
    schema: list(iceServerUrl),
    default: '',
    defaultText: 'none',
    text: 'TURN and STUN servers that clients of `aqlinks.v1` are told of, separated by commas, such as `turn:turn.example.com:3478?transport=udp`. Needed only where neither UDP nor TCP to `MEDIA_PORT` gets through; TURN is then worth most as `turns:` on port 443.',
  }),
  turnSecret: key({
    name: 'TURN_SECRET',
    schema: z.string().min(8).max(4_096).optional(),
    default: undefined,
    defaultText: 'none',
    secret: true,
    text: 'The secret shared with the TURN server (`static-auth-secret` of coturn, with `use-auth-secret`). Each client gets credentials of its own, made with it.',
  }),
  turnLifetime: key({
    name: 'TURN_LIFETIME',
    schema: duration('1m', '7d'),
    default: '24h',
    text: 'How long the TURN credentials of a client are good for. A call that lasts longer gets new ones when it needs them.',
  }),
  mediaWorkers: key({
    name: 'MEDIA_WORKERS',
    schema: whole(1, 256),
    default: String(availableParallelism()),
    defaultText: 'one a core',
    text: 'Media threads, each with a UDP port of its own.',
  }),
  maxParticipants: key({
    name: 'MAX_PARTICIPANTS',
    schema: whole(1, 1_000_000),
    default: '2000',
    text: 'Participants on this server; the next one is refused with `server-full`.',
  }),
  maxParticipantsPerRoom: key({
    name: 'MAX_PARTICIPANTS_PER_ROOM',
    schema: whole(1, 100_000),
    default: '200',
    text: 'Participants in one room; the next one is refused with `room-full`.',
  }),
  audioLoudestAbove: key({
    name: 'AUDIO_LOUDEST_ABOVE',
    schema: whole(0, 1_000_000),
    default: '20',
    text: 'In rooms with more people than this only the loudest microphones are forwarded. A client that sends no audio levels (RFC 6464) is always heard.',
  }),
  audioLoudestCount: key({
    name: 'AUDIO_LOUDEST_COUNT',
    schema: whole(1, 100),
    default: '6',
    text: 'How many microphones that are, of those that speak: somebody who begins to is heard within some 40 ms.',
  }),
  keepalivePing: key({
    name: 'KEEPALIVE_PING',
    schema: duration('100ms', '10m'),
    default: '30s',
    text: 'A client that was silent for this long is pinged. Must be shorter than `KEEPALIVE_PONG`.',
  }),
  keepalivePong: key({
    name: 'KEEPALIVE_PONG',
    schema: duration('500ms', '30m'),
    default: '60s',
    text: 'A client of which nothing was heard for this long has left. Anything counts: a message, a ping or a pong.',
  }),
  writeDeadline: key({
    name: 'WRITE_DEADLINE',
    schema: duration('100ms', '5m'),
    default: '5s',
    text: 'A client that takes nothing of what is sent to it for this long is closed with `tooSlow`.',
  }),
  resumeWithin: key({
    name: 'RESUME_WITHIN',
    schema: duration('0s', '30s'),
    default: '1500ms',
    text: 'A client of `aqlinks.v1` whose socket breaks without a word may go on from another network within this time, without leaving the room; then it has left. A break that the server has not noticed yet can be gone on from until `KEEPALIVE_PONG`. `0` switches the waiting off.',
  }),
  allowedOrigins: key({
    name: 'ALLOWED_ORIGINS',
    schema: list(webOrigin),
    default: '',
    defaultText: 'any',
    text: 'Origins of the pages that may connect beside our own, separated by commas. The token is what protects a room; this only keeps other sites from using yours. Clients that send no `Origin` are not affected.',
  }),
  trustedProxies: key({
    name: 'TRUSTED_PROXIES',
    schema: list(network),
    default: '',
    defaultText: 'none',
    text: 'Addresses or networks of your reverse proxies, separated by commas. `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host` are believed only from them: they tell whom a limit counts, and which page is our own. Without it everybody behind a proxy counts as one address.',
  }),
  joinsPerAddress: key({
    name: 'JOINS_PER_ADDRESS',
    schema: rate,
    default: '1200/m',
    text: 'Attempts to join of one address (IPv4, or a /64 of IPv6): as many at once, and as many again in that time; `off` for no limit. Beyond it the answer is 429 with `Retry-After`. Wide enough for a school behind one address. In development this machine itself is never limited.',
  }),
  joinsPerProject: key({
    name: 'JOINS_PER_PROJECT',
    schema: rate,
    default: '12000/m',
    text: 'The same for the joins of one project, from wherever they come; counted once the token is found good.',
  }),
  requestsPerAddress: key({
    name: 'REQUESTS_PER_ADDRESS',
    schema: rate,
    default: '12000/m',
    text: 'HTTP requests of one address: the page, its files, `/health`, the REST API.',
  }),
  requestsPerProject: key({
    name: 'REQUESTS_PER_PROJECT',
    schema: rate,
    default: '60000/m',
    text: 'Requests to the REST API with the keys of one project.',
  }),
  messagesPerAddress: key({
    name: 'MESSAGES_PER_ADDRESS',
    schema: rate,
    default: '120000/m',
    text: 'Messages of all WebSockets of one address; the ones beyond it are dropped with the error `rate-limited`. Each WebSocket has a bound of its own beside it.',
  }),
  messagesPerProject: key({
    name: 'MESSAGES_PER_PROJECT',
    schema: rate,
    default: '1200000/m',
    text: 'Messages of all WebSockets of one project.',
  }),
  apiKeys: key({
    name: 'API_KEYS',
    schema: apiKeys,
    default: '',
    defaultText: 'none',
    secret: true,
    text: 'API keys of the default project, as `id:secret` separated by commas, for set-ups that nobody attends. A token whose `iss` is the id is checked with the secret. Others are made and revoked over the REST API while the server runs.',
  }),
  databaseUrl: key({
    name: 'DATABASE_URL',
    schema: postgresUrl.optional(),
    default: undefined,
    defaultText: 'a SQLite file in `DATA_DIR`',
    secret: true,
    text: 'The PostgreSQL that keeps what must outlive the process: `postgres://USER:PASSWORD@HOST:5432/DATABASE`. Several servers may share one. `aqlinks migrate` carries the SQLite file over.',
  }),
  masterKey: key({
    name: 'MASTER_KEY',
    schema: masterKey.optional(),
    default: undefined,
    defaultText: 'made at the first start (development), none (production)',
    secret: true,
    text: 'What secrets in the database are encrypted with (AES-256-GCM): 32 random bytes in base64url. Production stores no API key without one; servers that share a database need the same one. Without one, development makes one and keeps it in `DATA_DIR/master-key`.',
  }),
  journalLimit: key({
    name: 'JOURNAL_LIMIT',
    schema: whole(1, 100_000),
    default: '256',
    text: 'Megabytes on disk, in `DATA_DIR/journal`, for what must be written while the database is away. What comes beyond it is dropped and counted.',
  }),
  auditRetention: key({
    name: 'AUDIT_RETENTION',
    schema: duration('1h', '36500d'),
    default: '365d',
    text: 'How long entries of the audit log are kept. The chain can be verified without those that were removed.',
  }),
  sessionRetention: key({
    name: 'SESSION_RETENTION',
    schema: duration('1h', '36500d'),
    default: '90d',
    text: 'How long it is known which rooms there were and who was in them.',
  }),
  webhookRetention: key({
    name: 'WEBHOOK_RETENTION',
    schema: duration('1h', '3650d'),
    default: '30d',
    text: 'How long deliveries of webhooks are listed, and can be replayed, after they arrived or were given up.',
  }),
  webhookTimeout: key({
    name: 'WEBHOOK_TIMEOUT',
    schema: duration('100ms', '2m'),
    default: '15s',
    text: 'How long the receiver of a webhook may take for its whole answer.',
  }),
  webhookRetryFor: key({
    name: 'WEBHOOK_RETRY_FOR',
    schema: duration('1m', '30d'),
    default: '5d',
    text: 'How long a delivery is tried, after 5 seconds first and at last every 12 hours, until it is given up. A webhook to which nothing arrives for as long is switched off.',
  }),
  webhookConcurrency: key({
    name: 'WEBHOOK_CONCURRENCY',
    schema: whole(1, 64),
    default: '8',
    text: 'Deliveries to one webhook at once, of different rooms: those of one room go one after the other.',
  }),
  webhookMaxWaiting: key({
    name: 'WEBHOOK_MAX_WAITING',
    schema: whole(100, 10_000_000),
    default: '100000',
    text: 'Deliveries that may wait for one webhook; those beyond it are dropped and counted.',
  }),
  webhookPrivateNetworks: key({
    name: 'WEBHOOK_PRIVATE_NETWORKS',
    schema: list(network),
    default: '',
    defaultText: 'any (development), none (production)',
    text: 'Addresses or networks that are not public and to which webhooks may be sent all the same, also by http, separated by commas. In production they are refused otherwise: whoever may create a webhook could reach into your network.',
  }),
  dataDir: key({
    name: 'DATA_DIR',
    schema: z.string().min(1).max(4_096),
    default: './data',
    text: 'The folder of what must outlive the process. It belongs to one server.',
  }),
  logLevel: key({
    name: 'LOG_LEVEL',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    default: 'info',
    text: 'The least severe lines that are written. `debug` adds a line for every request and message.',
  }),
} as const;

export type KeyName = keyof typeof KEYS;

/** The settings, parsed: durations are milliseconds, lists are arrays. Frozen. */
export type Configuration = { readonly [K in KeyName]: z.output<(typeof KEYS)[K]['schema']> };

/** Settings given in code: as the environment has them, or their own types. They win over the environment. */
export type Options = { readonly [K in KeyName]?: z.input<(typeof KEYS)[K]['schema']> | undefined };
