import { DEFAULT_PROJECT } from '@aqlinks/protocol';
import type { Grant } from '../../src/session.ts';

/** What a plain token of a guest grants; what is given wins. */
export function grantOf(userId: string, given: Partial<Grant> = {}): Grant {
  return {
    project: DEFAULT_PROJECT,
    key: undefined,
    jti: undefined,
    expiresAt: undefined,
    issuedAt: undefined,
    userId,
    name: userId,
    email: undefined,
    room: 'standup',
    role: 'guest',
    permissions: undefined,
    ...given,
  };
}
