import type { ApiKey } from '@aqlinks/backend';
import type { ModuleMetadata } from '@nestjs/common';

export interface AqlinksOptions {
  /** Where the server is, as browsers reach it: `https://calls.example.com`. */
  readonly url: string;
  /** Signs tokens and opens the REST interface. `id:secret` as `aqlinks keys create` shows them. */
  readonly key?: ApiKey | string;
  /** The JWT_SECRET of the server, for tokens of its default project; needed only without a key. */
  readonly secret?: string;
  /** Seconds that a token is valid where nothing else is said. Default: an hour. */
  readonly ttl?: number;
  /** `whsec_…`, as `aqlinks webhooks create` shows it. Without it no webhook is taken. */
  readonly webhookSecret?: string;
}

/** What must be known before the options are. */
export interface AqlinksModuleOptions {
  /** Where this application takes webhooks. Default: `aqlinks/webhooks`. */
  readonly webhookPath?: string;
  /** Whether every module has the service without importing this one. Default: true. */
  readonly global?: boolean;
}

export interface AqlinksAsyncOptions<Dependencies extends readonly unknown[] = readonly unknown[]>
  extends AqlinksModuleOptions,
    Pick<ModuleMetadata, 'imports'> {
  readonly inject?: { readonly [K in keyof Dependencies]: unknown };
  readonly useFactory: (...dependencies: [...Dependencies]) => AqlinksOptions | Promise<AqlinksOptions>;
}

/** For who wants to inject the options themselves. */
export const AQLINKS_OPTIONS = Symbol('AQLINKS_OPTIONS');
