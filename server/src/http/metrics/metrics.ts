import { type CloseName, ErrorCode, type LeaveReason, RefusalCode } from '@aqlinks/protocol';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Rooms } from '../../session.ts';
import { LIMITED, LIMITED_BY } from '../guard/guard.ts';
import { type HistoryFigures, registerHistoryMetrics } from './history.ts';
import { registerMediaMetrics } from './media.ts';
import { registerStoreMetrics, type StoreFigures } from './store.ts';

const LOOP_PRECISION = 500; // ms between looks at the event loop's delay: each one wakes the process

export interface MetricsSources {
  readonly rooms: Pick<Rooms, 'list' | 'collectStats'>;
  readonly webSockets: () => number;
  readonly store: () => StoreFigures;
  readonly history: () => HistoryFigures;
  readonly certificate: () => { readonly expiresAt: number } | undefined;
}

/** What `/metrics` shows. No label names a person, a room or an address: their number is without bound. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #joins: Counter<'outcome'>;
  readonly #leaves: Counter<'reason'>;
  readonly #messages: Counter<'event'>;
  readonly #messagesRefused: Counter<'code'>;
  readonly #requests: Counter<'method' | 'route' | 'status'>;
  readonly #held: Counter<'what' | 'by'>;
  readonly #failures: Counter;

  constructor({ rooms, webSockets, store, history, certificate }: MetricsSources) {
    const registers = [this.#registry];
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    gauge('aqlinks_participants', 'Participants in all rooms.', () =>
      rooms.list().reduce((sum, room) => sum + room.participants, 0),
    );
    gauge('aqlinks_rooms', 'Rooms with at least one participant.', () => rooms.list().length);
    gauge('aqlinks_websockets', 'Open WebSockets.', webSockets);
    gauge('aqlinks_tls_certificate_expiry_timestamp_seconds', 'When the certificate of TLS_CERT expires; 0 without one.', () =>
      Math.floor((certificate()?.expiresAt ?? 0) / 1_000),
    );
    this.#joins = new Counter({
      name: 'aqlinks_joins_total',
      help: 'Attempts to join by outcome: accepted, or the code of the refusal.',
      labelNames: ['outcome'],
      registers,
    });
    this.#leaves = new Counter({
      name: 'aqlinks_leaves_total',
      help: 'Participants who left, by reason: of the client (left, disconnected, timeout) or of the server (the name of the close code).',
      labelNames: ['reason'],
      registers,
    });
    this.#messages = new Counter({
      name: 'aqlinks_messages_total',
      help: 'Valid messages from clients by event.',
      labelNames: ['event'],
      registers,
    });
    this.#messagesRefused = new Counter({
      name: 'aqlinks_messages_refused_total',
      help: 'Messages from clients that were refused, by the code of the error.',
      labelNames: ['code'],
      registers,
    });
    this.#requests = new Counter({
      name: 'aqlinks_http_requests_total',
      help: 'HTTP requests by method, route and status; upgrades not counted.',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#held = new Counter({
      name: 'aqlinks_limited_total',
      help: 'What came to nothing because its address or its project asked too much: joins, requests, messages, and connections that were cut off unanswered.',
      labelNames: ['what', 'by'],
      registers,
    });
    this.#failures = new Counter({
      name: 'aqlinks_failures_total',
      help: 'Bugs of aqlinks that were caught; the log has them at level error.',
      registers,
    });
    for (const outcome of ['accepted', ...RefusalCode.options]) this.#joins.inc({ outcome }, 0); // so that a rate sees the first one
    for (const code of ErrorCode.options) this.#messagesRefused.inc({ code }, 0);
    for (const by of LIMITED_BY) for (const what of LIMITED) this.#held.inc({ what, by }, 0);
    registerStoreMetrics(this.#registry, store);
    registerHistoryMetrics(this.#registry, history);
    registerMediaMetrics(this.#registry, () => rooms.collectStats());
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LOOP_PRECISION });
  }

  joined(): void {
    this.#joins.inc({ outcome: 'accepted' });
  }

  joinRefused(code: string): void {
    this.#joins.inc({ outcome: code });
  }

  left(reason: LeaveReason | CloseName): void {
    this.#leaves.inc({ reason });
  }

  message(event: string): void {
    this.#messages.inc({ event });
  }

  messageRefused(code: ErrorCode): void {
    this.#messagesRefused.inc({ code });
  }

  request(method: string, route: string, status: number): void {
    this.#requests.inc({ method, route, status });
  }

  held(what: string, by: string): void {
    this.#held.inc({ what, by });
  }

  failed(): void {
    this.#failures.inc();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  json(): Promise<object> {
    return this.#registry.getMetricsAsJSON();
  }
}
