import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type DynamicModule, type INestApplication, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

export const ADAPTERS = { express: () => new ExpressAdapter(), fastify: () => new FastifyAdapter() } as const;
export type Adapter = keyof typeof ADAPTERS;

export interface AppOptions {
  readonly aqlinks: DynamicModule;
  readonly providers?: readonly Type[];
  readonly controllers?: readonly Type[];
  readonly adapter?: Adapter;
  readonly rawBody?: boolean;
}

export interface TestApp {
  readonly origin: string;
  readonly app: INestApplication;
}

/** An application on a free port of loopback; closed at the end of the test. */
export async function newApp(t: TestContext, options: AppOptions): Promise<TestApp> {
  class AppModule {}
  const { aqlinks, providers = [], controllers = [], adapter = 'express', rawBody = true } = options;
  Module({ imports: [aqlinks], providers: [...providers], controllers: [...controllers] })(AppModule);
  const app = await NestFactory.create(AppModule, ADAPTERS[adapter](), { rawBody, logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  t.after(() => app.close());
  return { app, origin: `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}` };
}

/** What decorators do to a method, called: Node strips types and knows no decorators. */
export function decorateMethod(type: Type, name: string, ...decorators: readonly MethodDecorator[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, name);
  if (descriptor === undefined) throw new Error(`${type.name} has no method ${name}.`);
  for (const decorate of decorators) decorate(type.prototype, name, descriptor);
}
