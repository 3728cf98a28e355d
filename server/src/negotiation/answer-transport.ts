import type { Fingerprint } from '../media/media-plane.ts';
import { invalid } from './invalid.ts';

/** The peer's side of the transport, the same in all sections of the bundle. */
export interface RemoteTransport {
  readonly iceUfrag: string;
  readonly icePwd: string;
  readonly fingerprint: Fingerprint;
  readonly dtlsRole: 'client' | 'server'; // ours
}

/** As one part of an SDP has them, unchecked. */
export interface TransportAttributes {
  readonly iceUfrag?: string | undefined;
  readonly icePwd?: string | undefined;
  readonly fingerprint?: { readonly type: string; readonly hash: string } | undefined;
  readonly setup?: string | undefined;
}

/** The first part that has an attribute has it for all: which section carries a bundle's transport is left to the peer (RFC 9143 7.3). */
export function readTransport(parts: readonly TransportAttributes[]): RemoteTransport {
  const iceUfrag = first(parts, part => part.iceUfrag);
  const icePwd = first(parts, part => part.icePwd);
  if (iceUfrag === undefined || icePwd === undefined)
    throw invalid('The answer lacks `a=ice-ufrag` or `a=ice-pwd` in the sections that it accepts.');
  if (!isIceString(iceUfrag, 4) || !isIceString(icePwd, 22))
    throw invalid('`a=ice-ufrag` has 4 to 256 and `a=ice-pwd` 22 to 256 letters, digits, `+` or `/` (RFC 8839 5.4).');
  return { iceUfrag: String(iceUfrag), icePwd: String(icePwd), fingerprint: readFingerprint(parts), dtlsRole: readRole(parts) };
}

const HASH_BYTES: ReadonlyMap<string, number> = new Map([
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
]);

function readFingerprint(parts: readonly TransportAttributes[]): Fingerprint {
  const fingerprint = first(parts, part => part.fingerprint);
  const algorithm = String(fingerprint?.type).toLowerCase();
  const value = String(fingerprint?.hash).toUpperCase();
  const bytes = HASH_BYTES.get(algorithm);
  if (bytes === undefined || !/^[0-9A-F]{2}(:[0-9A-F]{2})*$/.test(value) || value.length !== bytes * 3 - 1)
    throw invalid('The answer lacks an `a=fingerprint` of SHA-256, SHA-384 or SHA-512 (RFC 8122).');
  return { algorithm, value };
}

/** `active` and `passive` are the peer's; `actpass`, which no answer should have, leaves the choice to us (RFC 8842 5.3). */
function readRole(parts: readonly TransportAttributes[]): 'client' | 'server' {
  const setup = first(parts, part => part.setup) ?? 'active'; // RFC 4145 4
  if (setup === 'passive') return 'client';
  if (setup === 'active' || setup === 'actpass') return 'server';
  throw invalid('`a=setup` of an answer is `active` or `passive`.');
}

function first<T>(parts: readonly TransportAttributes[], of: (part: TransportAttributes) => T | undefined): T | undefined {
  for (const part of parts) {
    const value = of(part);
    if (value !== undefined) return value;
  }
  return undefined;
}

function isIceString(value: unknown, min: number): boolean {
  const text = String(value);
  return text.length >= min && text.length <= 256 && /^[A-Za-z0-9+/]+$/.test(text);
}
