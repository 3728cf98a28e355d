import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AqlinksGuard } from './guard.ts';
import { AQLINKS_OPTIONS, type AqlinksAsyncOptions, type AqlinksModuleOptions, type AqlinksOptions } from './options.ts';
import { RoomEvents } from './room-events.ts';
import { AqlinksService } from './service.ts';
import { webhookController } from './webhook-controller.ts';

const WEBHOOK_PATH = 'aqlinks/webhooks';

/** aqlinks in a NestJS application: `AqlinksService`, `AqlinksGuard`, and handlers marked with `@OnRoomEvent()`. */
// biome-ignore lint/complexity/noStaticOnlyClass: Nest's modules are classes
export class AqlinksModule {
  static forRoot({ webhookPath, global, ...options }: AqlinksOptions & AqlinksModuleOptions): DynamicModule {
    return moduleOf({ provide: AQLINKS_OPTIONS, useValue: options }, { webhookPath, global });
  }

  static forRootAsync<const Dependencies extends readonly unknown[]>(options: AqlinksAsyncOptions<Dependencies>): DynamicModule {
    const { imports = [], inject = [], useFactory, ...rest } = options;
    const provider = { provide: AQLINKS_OPTIONS, inject: [...inject], useFactory } as Provider;
    return moduleOf(provider, { ...rest, imports });
  }
}

Module({})(AqlinksModule);

type Rest = { readonly [K in keyof AqlinksModuleOptions]?: AqlinksModuleOptions[K] | undefined } & Pick<DynamicModule, 'imports'>;

function moduleOf(options: Provider, { webhookPath = WEBHOOK_PATH, global = true, imports = [] }: Rest): DynamicModule {
  return {
    module: AqlinksModule,
    global,
    imports: [DiscoveryModule, ...imports],
    controllers: [webhookController(webhookPath)],
    providers: [
      options,
      { provide: AqlinksService, inject: [AQLINKS_OPTIONS], useFactory: (given: AqlinksOptions) => new AqlinksService(given) },
      RoomEvents,
      AqlinksGuard,
    ],
    exports: [AqlinksService, AqlinksGuard],
  };
}
