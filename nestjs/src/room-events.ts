import { type ReceivedEvent, readWebhook } from '@aqlinks/backend';
import type { WebhookEvent, WebhookEventType } from '@aqlinks/protocol';
import { Inject, Logger, type OnModuleInit, SetMetadata } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { AQLINKS_OPTIONS, type AqlinksOptions } from './options.ts';

/** What a handler of this type is given. */
export type RoomEvent<Type extends WebhookEventType = WebhookEventType> = Extract<WebhookEvent, { type: Type }>;

/** The same id is the same event: it comes again where a handler failed, or where the answer was lost. */
export interface EventDelivery {
  readonly id: string;
}

type Handler = (event: never, delivery: EventDelivery) => unknown;

const HANDLES = Symbol('AQLINKS_ROOM_EVENTS');

/**
 * Calls this method of a provider or controller for each event of these types, one after the other as they happened in a room. Where
 * it throws, the server is told so and sends the event again.
 */
export function OnRoomEvent<Type extends WebhookEventType>(...types: [Type, ...Type[]]) {
  const mark = SetMetadata(HANDLES, types);
  return <H extends (event: RoomEvent<Type>, delivery: EventDelivery) => unknown>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    mark(target, name, descriptor);
  };
}

/** Finds the handlers of the application, and gives them what webhooks bring. */
export class RoomEvents implements OnModuleInit {
  readonly #discovery: DiscoveryService;
  readonly #scanner: MetadataScanner;
  readonly #reflector: Reflector;
  readonly #options: AqlinksOptions;
  readonly #handlers = new Map<string, Handler[]>();
  readonly #log = new Logger('Aqlinks');

  constructor(discovery: DiscoveryService, scanner: MetadataScanner, reflector: Reflector, options: AqlinksOptions) {
    this.#discovery = discovery;
    this.#scanner = scanner;
    this.#reflector = reflector;
    this.#options = options;
  }

  onModuleInit(): void {
    for (const { instance } of [...this.#discovery.getProviders(), ...this.#discovery.getControllers()]) {
      const prototype = typeof instance === 'object' && instance !== null ? Object.getPrototypeOf(instance) : undefined;
      if (prototype === undefined || prototype === null) continue;
      for (const name of this.#scanner.getAllMethodNames(prototype)) this.#register(instance, name);
    }
  }

  /** The id and the event of a request whose signature is right. Throws `WebhookInvalid`. */
  read(body: Uint8Array, headers: Readonly<Record<string, string | string[] | undefined>>): ReceivedEvent {
    const { webhookSecret } = this.#options;
    if (webhookSecret === undefined) throw new TypeError('AqlinksModule: set `webhookSecret` to take webhooks.');
    return readWebhook(body, headers, webhookSecret);
  }

  /** Rejects where a handler does. */
  async handle({ id, event }: ReceivedEvent): Promise<void> {
    const handlers = (event && this.#handlers.get(event.type)) ?? [];
    for (const handler of handlers) await handler(event as never, { id });
    this.#log.debug(`${event?.type ?? 'a test or an unknown event'} (${id}): ${handlers.length} handlers`);
  }

  #register(instance: Record<string, unknown>, name: string): void {
    const method = instance[name];
    if (typeof method !== 'function') return;
    const types = this.#reflector.get<readonly string[] | undefined>(HANDLES, method);
    for (const type of types ?? []) {
      this.#handlers.set(type, [...(this.#handlers.get(type) ?? []), method.bind(instance) as Handler]);
    }
  }
}

// Node strips types and knows no decorators: they are called.
for (const [index, token] of [DiscoveryService, MetadataScanner, Reflector, AQLINKS_OPTIONS].entries()) {
  Inject(token)(RoomEvents, undefined, index);
}
