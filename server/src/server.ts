import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import { DEFAULT_PROJECT } from '@aqlinks/protocol';
import { webRoot } from '@aqlinks/web';
import { applyChange } from './apply-change.ts';
import { createAuthenticator } from './auth/authenticate.ts';
import { signToken } from './auth/sign-token.ts';
import type { Configuration } from './config/keys.ts';
import { createHistory } from './history.ts';
import { developmentTokenRoute } from './http/development-token.ts';
import { Door, SOCKET_PATHS } from './http/door.ts';
import { Guard } from './http/guard/guard.ts';
import { listen, localOrigin } from './http/listen.ts';
import { createListener } from './http/listener.ts';
import { Metrics } from './http/metrics/metrics.ts';
import { type Trusts, trustedProxies } from './http/own-origin.ts';
import { PAGE_PATH, pageRoutes } from './http/page.ts';
import { statusRoutes } from './http/status.ts';
import type { Certificate } from './http/tls/certificate.ts';
import { LOOK_EVERY, Renewal } from './http/tls/renewal.ts';
import { Upgrades } from './http/upgrade.ts';
import { WaitingRoom } from './http/waiting-room.ts';
import { whyRefusedRoutes } from './http/why-refused.ts';
import type { Logger } from './log.ts';
import type { MediaPlane, SocketAddress } from './media/media-plane.ts';
import { iceServers } from './negotiation/ice-servers.ts';
import { observe } from './observe.ts';
import type { Platform } from './platform.ts';
import { renewer } from './renew.ts';
import { serveRestApi } from './rest-api.ts';
import type { QualityEvent, RoomEvent, Rooms, RoomsOptions } from './session.ts';
import type { Pace } from './sessions/recorder.ts';
import { CLOSE_TIMEOUT } from './signalling/aq/limits.ts';
import { AqSignalling, selectSubprotocol } from './signalling/aq/signalling.ts';
import { INTERVAL } from './timeline/samples.ts';
import { Timeline } from './timeline/timeline.ts';
import { VERSION } from './version.ts';
import { createWitness } from './witness.ts';

/** What a server is made of, beside its settings. It owns the media plane and the platform from here on. */
export interface Parts {
  readonly secret: string;
  readonly plane: MediaPlane;
  readonly platform: Platform;
  readonly createRooms: (options: RoomsOptions) => Rooms;
  readonly log: Logger;
  readonly webRoot?: string; // default: the built page
  readonly certificate?: Certificate | undefined; // of `tlsCert`; none: no TLS
  readonly pace?: Pace; // of the beats by which servers know of one another
  readonly sampleEvery?: number; // ms between two samples of the timelines
  readonly certificateLooks?: number; // ms between two looks whether there is a new one
}

export interface RunningServer {
  readonly port: number;
  /** `http://HOST:PORT` or `https://HOST:PORT`, on this machine. */
  readonly origin: string;
  /** Where clients connect, without the token. */
  readonly webSocketUrl: string;
  readonly pageUrl: string;
  /** What clients are told to send media to. */
  readonly mediaAddresses: readonly SocketAddress[];
  /** Takes nobody in any more, tells everyone, closes all. Idempotent; never rejects. */
  close(): Promise<void>;
}

const TOKEN_LIFETIME = 24 * 3_600_000; // ms, of the page's tokens in development
const RECONNECT_AFTER = 2; // seconds
const ROOMS_TICK = 250; // ms
const FAREWELL = 1_000; // ms that clients have to take the last messages

/** Wires all parts. Rejects with `StartError` where the address cannot be had; all that it owns is closed then. */
export async function serve(configuration: Configuration, parts: Parts): Promise<RunningServer> {
  const { log, plane, platform } = parts;
  const { directory } = platform;
  let closing = false;
  const trusts = trustedProxies(configuration.trustedProxies);
  const history = createHistory({ configuration, platform, log, pace: parts.pace });
  const witness = createWitness({ audit: history.audit, directory, trusts });
  const onRoomEvent = (event: RoomEvent) => {
    witness.roomEvent(event);
    history.roomEvent(event);
    timeline.roomEvent(event);
  };
  const timeline = new Timeline();
  const onQualityEvent = (event: QualityEvent) => timeline.qualityEvent(event);
  const rooms = parts.createRooms({
    ...configuration,
    plane,
    log,
    directory,
    onRoomEvent,
    onQualityEvent,
    now: Date.now,
    random: randomBytes,
  });
  const sampling = setInterval(() => void sample(), parts.sampleEvery ?? INTERVAL).unref();
  const ticking = setInterval(() => rooms.tick(), ROOMS_TICK).unref();
  directory.onChange(change => applyChange(rooms, change));
  const metrics = new Metrics({
    rooms,
    webSockets: () => upgrades.open,
    store: () => figuresOf(platform),
    history: history.figures,
    certificate: () => renewal?.current,
  });
  const failed = (error: unknown) => {
    metrics.failed();
    log.error({ err: error }, 'A bug of aqlinks: please report it');
  };
  async function sample(): Promise<void> {
    try {
      timeline.readings(Date.now(), await rooms.readings());
    } catch (error) {
      failed(error);
    }
  }
  const secret = new TextEncoder().encode(parts.secret);
  const guard = createGuard(configuration, trusts, { metrics, log });
  const waiting = new WaitingRoom(guard);
  const authenticate = createAuthenticator({
    secret,
    keys: id => directory.key(id),
    isRevoked: token => directory.revocation(token) !== undefined,
    clockTolerance: configuration.tokenClockTolerance,
    now: Date.now,
  });
  const door = new Door({
    authenticate,
    allowedOrigins: configuration.allowedOrigins,
    trusts,
    guard,
    closing: () => closing,
    validated: witness.validated,
  });
  const { turnUrls: urls, turnSecret, turnLifetime: lifetime } = configuration;
  const turn = { urls, secret: turnSecret, lifetime };
  const signalling = new AqSignalling(rooms, {
    ...configuration,
    facts: {
      serverVersion: VERSION,
      keepaliveSeconds: configuration.keepalivePing / 1_000,
      iceServers: userId => iceServers(turn, userId, Date.now()),
    },
    now: () => performance.now(),
    observer: observe(metrics, log, failed),
    renew: renewer(authenticate, witness.renewed),
  });
  const upgrades = new Upgrades({
    door,
    waiting,
    join: (grant, request) => signalling.join(grant, request, guard.messages(grant.project, request)),
    selectSubprotocol,
    closeTimeout: CLOSE_TIMEOUT,
    failed,
    refused({ code }, request, grant) {
      if (grant !== undefined) witness.turnedAway(request, grant, code);
      metrics.joinRefused(code);
      log.debug({ code }, 'Refused a connection');
    },
  });
  const app = createListener({
    certificate: parts.certificate,
    waiting,
    check: request => guard.checkAddress('requests', request),
    upgrade: (request, socket, head) => void upgrades.handle(request, socket, head),
    served(method, route, status) {
      metrics.request(method, route, status);
      log.debug({ method, route, status }, 'Served a request');
    },
    failed,
  });
  statusRoutes(app, { rooms, metrics, closing: () => closing, reachable: platform.reachable });
  whyRefusedRoutes(app, door, rooms);
  pageRoutes(app, parts.webRoot ?? webRoot);
  serveRestApi(app, {
    ...{ configuration, secret, platform, rooms, door, guard, trusts, failed, localOrigin: () => origin, timeline },
    ...history,
  });
  if (configuration.environment === 'development') {
    developmentTokenRoute(app, identity => {
      const { user_id: user, room } = identity;
      history.audit.record({
        action: 'token.issued',
        outcome: 'accepted',
        project: DEFAULT_PROJECT,
        user,
        room,
        reason: 'development',
      });
      return signToken(identity, { secret, lifetime: TOKEN_LIFETIME, now: Date.now() });
    });
  }

  const renewal = renewalOf(app.server, configuration, parts);

  /** From the outside in: nobody new, then the people, then what carried them. */
  async function closeAll(): Promise<void> {
    closing = true;
    clearInterval(ticking);
    clearInterval(sampling);
    renewal?.close();
    rooms.close(RECONNECT_AFTER);
    await upgrades.drained(FAREWELL); // whoever comes meanwhile is told, by a 503
    app.server.close();
    upgrades.close();
    signalling.close();
    app.server.closeAllConnections();
    await app.close();
    await plane.close();
    await history.close();
    await platform.close();
    log.info({}, 'Closed');
  }

  let port: number;
  try {
    await history.begin();
    platform.start();
    await app.ready();
    port = await listen(app.server, configuration.serverAddr);
  } catch (error) {
    await closeAll();
    throw error;
  }
  const origin = localOrigin({ secure: parts.certificate !== undefined, host: configuration.serverAddr.host, port });
  let closed: Promise<void> | undefined;
  return {
    port,
    origin,
    webSocketUrl: `${origin.replace('http', 'ws')}${SOCKET_PATHS[0]}`,
    pageUrl: `${origin}${PAGE_PATH}`,
    mediaAddresses: plane.workers.flatMap(worker => worker.addresses),
    close() {
      closed ??= closeAll();
      return closed;
    },
  };
}

const figuresOf = ({ journal, reachable }: Platform) => ({ ...journal.stats(), reachable: reachable() });

function createGuard(configuration: Configuration, trusts: Trusts, { metrics, log }: { metrics: Metrics; log: Logger }): Guard {
  const { joinsPerAddress, requestsPerAddress, messagesPerAddress } = configuration;
  const { joinsPerProject, requestsPerProject, messagesPerProject } = configuration;
  return new Guard({
    limits: {
      address: { joins: joinsPerAddress, requests: requestsPerAddress, messages: messagesPerAddress },
      project: { joins: joinsPerProject, requests: requestsPerProject, messages: messagesPerProject },
    },
    trusts,
    exemptLoopback: configuration.environment === 'development',
    now: () => performance.now(),
    random: randomBytes,
    held: (what, by) => metrics.held(what, by),
    unknownProxy: address =>
      log.warn({ address }, 'A proxy forwards requests and is not in TRUSTED_PROXIES: all of its clients count as one address'),
  });
}

function renewalOf(server: Server, { tlsCert, tlsKey }: Configuration, parts: Parts): Renewal | undefined {
  const { certificate, log, certificateLooks = LOOK_EVERY } = parts;
  if (certificate === undefined || tlsCert === undefined || tlsKey === undefined) return undefined;
  return new Renewal({
    files: { cert: tlsCert, key: tlsKey },
    current: certificate,
    every: certificateLooks,
    renewed: ({ cert, key }) => (server as SecureServer).setSecureContext({ cert, key }), // for connections from now on
    log,
  });
}
