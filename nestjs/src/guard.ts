import { TokenInvalid } from '@aqlinks/backend';
import type { Claims } from '@aqlinks/protocol';
import { type CanActivate, createParamDecorator, type ExecutionContext, Inject, UnauthorizedException } from '@nestjs/common';
import { AqlinksService } from './service.ts';

interface GuardedRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query?: Readonly<Record<string, unknown>>;
  aqlinks?: Claims;
}

/**
 * Lets in who shows the token of a call, as `Authorization: Bearer` or `?token=`: for what belongs to a call, such as its files or notes.
 * The handler finds the claims by `@AqlinksClaims()`.
 */
export class AqlinksGuard implements CanActivate {
  readonly #service: AqlinksService;

  constructor(service: AqlinksService) {
    this.#service = service;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]; // RFC 6750 2.1
    const token = bearer ?? request.query?.token;
    if (typeof token !== 'string') throw new UnauthorizedException('There is no token. Add Authorization: Bearer, or ?token=.');
    try {
      request.aqlinks = await this.#service.verify(token);
      return true;
    } catch (error) {
      if (error instanceof TokenInvalid) throw new UnauthorizedException(error.message);
      throw error;
    }
  }
}

Inject(AqlinksService)(AqlinksGuard, undefined, 0);

/** The claims of the token that `AqlinksGuard` let in, or one of them: `@AqlinksClaims('room') room: string`. */
export const AqlinksClaims = createParamDecorator((claim: keyof Claims | undefined, context: ExecutionContext) => {
  const claims = context.switchToHttp().getRequest<GuardedRequest>().aqlinks;
  return claim === undefined ? claims : claims?.[claim];
});
