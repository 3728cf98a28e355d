import type { Audit } from './audit/audit.ts';
import type { Sessions } from './sessions/sessions.ts';
import { StoreConflict } from './store/errors.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

const nothing = { items: [], next: undefined };
const GENESIS = { seq: 0, hash: '0'.repeat(64) };

/** Stands where nothing is written down and nobody is told: the REST interface answers as if nothing had ever happened. */
export const NO_HISTORY: { readonly audit: Audit; readonly sessions: Sessions; readonly webhooks: Webhooks } = {
  audit: {
    record() {},
    async flushed() {},
    list: async () => nothing,
    verify: async () => ({ intact: true, entries: 0, anchor: GENESIS, head: GENESIS, sealed: false }),
    async *export() {},
  },
  sessions: { list: async () => nothing, get: async () => undefined, stays: async () => nothing },
  webhooks: {
    create: () => Promise.reject(new StoreConflict('This server tells nobody.')),
    list: async () => nothing,
    get: async () => undefined,
    update: async () => undefined,
    rotate: async () => undefined,
    remove: async () => false,
    test: async () => undefined,
    deliveries: async () => undefined,
    replay: async () => undefined,
  },
};
