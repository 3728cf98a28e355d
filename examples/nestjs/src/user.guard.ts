import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

interface UserRequest {
  readonly headers: { readonly cookie?: string };
  user?: User;
}

/** Stands for your own: here whoever names themselves in a cookie is believed, so that the example needs no accounts. */
@Injectable()
export class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<UserRequest>();
    const [, encoded] = /(?:^|; )user=([^;]+)/.exec(request.headers.cookie ?? '') ?? [];
    if (encoded === undefined) throw new UnauthorizedException('Say who you are.');
    const name = decodeURIComponent(encoded);
    const id = name.toLowerCase().replaceAll(/\s+/g, '-');
    request.user = { id, name, email: `${id}@example.com` };
    return true;
  }
}

export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext) => {
  return context.switchToHttp().getRequest<UserRequest>().user;
});
