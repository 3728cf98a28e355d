import { TokenRequest, type TokenResponse } from '@aqlinks/protocol';
import type { FastifyInstance } from 'fastify';
import type { Identity, SignedToken } from '../auth/sign-token.ts';
import { PAGE_PATH } from './page.ts';
import { Refusal } from './refusal.ts';

/** For trying things out: whoever reaches it gets a token for any room and role. Production does not have it (SPEC P42). */
export function developmentTokenRoute(app: FastifyInstance, sign: (identity: Identity) => Promise<SignedToken>): void {
  app.post(`${PAGE_PATH}token`, async (request, reply): Promise<TokenResponse> => {
    const parsed = TokenRequest.safeParse(request.body);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'it is invalid' };
      throw new Refusal(400, 'invalid-request', `Correct ${path.join('.') || 'the body'}: ${message}.`);
    }
    const { token, expiresAt } = await sign(parsed.data);
    reply.code(201);
    return { token, expires_at: new Date(expiresAt).toISOString() };
  });
}
