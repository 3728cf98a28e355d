import { type ReceivedEvent, WebhookInvalid } from '@aqlinks/backend';
import {
  Controller,
  Headers,
  HttpCode,
  Inject,
  InternalServerErrorException,
  Post,
  type RawBodyRequest,
  Req,
  type Type,
  UnauthorizedException,
} from '@nestjs/common';
import { RoomEvents } from './room-events.ts';

/** Takes webhooks at this path. A signature covers the body byte by byte, so that it must come as it was sent. */
export function webhookController(path: string): Type {
  class AqlinksWebhookController {
    readonly #events: RoomEvents;

    constructor(events: RoomEvents) {
      this.#events = events;
    }

    async receive(request: RawBodyRequest<object>, headers: Record<string, string | string[] | undefined>): Promise<void> {
      if (request.rawBody === undefined) {
        throw new InternalServerErrorException('Create the application with `NestFactory.create(AppModule, { rawBody: true })`.');
      }
      await this.#events.handle(this.#read(request.rawBody, headers));
    }

    #read(body: Uint8Array, headers: Record<string, string | string[] | undefined>): ReceivedEvent {
      try {
        return this.#events.read(body, headers);
      } catch (error) {
        if (error instanceof WebhookInvalid) throw new UnauthorizedException(error.message);
        throw error;
      }
    }
  }
  const { prototype } = AqlinksWebhookController;
  const method = Object.getOwnPropertyDescriptor(prototype, 'receive') ?? {};
  Controller(path)(AqlinksWebhookController);
  Inject(RoomEvents)(AqlinksWebhookController, undefined, 0);
  for (const decorate of [Post(), HttpCode(204)]) decorate(prototype, 'receive', method);
  Req()(prototype, 'receive', 0);
  Headers()(prototype, 'receive', 1);
  return AqlinksWebhookController;
}
