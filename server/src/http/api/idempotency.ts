import { createHash } from 'node:crypto';
import type { ApiParts } from './ports.ts';
import { ApiProblem } from './problem.ts';

/** A first request that was not answered within this time was lost with its server: the next one is carried out. */
const STALE = 60_000; // ms
const KEY = /^[\x21-\x7e]{1,255}$/;

export interface Answered {
  readonly status: number;
  readonly body: string; // JSON
}

/** What an `Idempotency-Key` stands for: one request of one project. */
export interface Once {
  readonly project: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** Throws `ApiProblem`. Undefined: none was sent. */
export function readKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && KEY.test(header)) return header;
  const detail = 'The Idempotency-Key must be 1 to 255 printable characters without spaces, such as a UUID.';
  throw new ApiProblem('invalid-request', detail);
}

export const fingerprint = (...parts: readonly unknown[]) =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** Carries it out the first time, and answers the same from then on. The answer may hold a secret: it is kept sealed. */
export async function once(
  { project, key, fingerprint }: Once,
  { store, seal }: Pick<ApiParts, 'store' | 'seal'>,
  carryOut: () => Promise<Answered>,
): Promise<Answered & { readonly repeated: boolean }> {
  const { idempotency } = store;
  const place = `idempotency:${project}:${key}`;
  const begun = await idempotency.begin(project, key, fingerprint, STALE);
  switch (begun.state) {
    case 'other':
      throw new ApiProblem('idempotency-mismatch', 'Use another Idempotency-Key for another request.');
    case 'running':
      throw new ApiProblem('idempotency-in-progress', 'Wait for its answer, or ask again in a moment.', { retryAfter: 1 });
    case 'done':
      return { status: begun.status, body: seal.open(place, begun.answer), repeated: true };
    case 'new': {
      const answered = await carryOut().catch(async error => {
        await idempotency.forget(project, key).catch(() => {}); // else it is stale after a minute
        throw error;
      });
      const sealed = { status: answered.status, answer: seal.close(place, answered.body) };
      await idempotency.finish(project, key, sealed).catch(() => {}); // it is done, and whoever asked shall hear of it
      return { ...answered, repeated: false };
    }
  }
}
