import { SignJWT } from 'jose';

/** As a backend signs: whatever it says, for a minute if it does not say how long. */
export function sign(claims: Record<string, unknown>, secret: string): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' });
  return ('exp' in claims ? token : token.setExpirationTime('1m')).sign(new TextEncoder().encode(secret));
}
