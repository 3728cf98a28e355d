import { randomBytes } from 'node:crypto';

/** A client that lost its socket and wants to go on (SPEC P65). */
export interface Resumption {
  readonly key: string;
  readonly received: number; // messages of ours that it has
}

/** Told to one client only, by `welcome`: whoever has it and a token of the same person may take the connection over. */
export const newResumeKey = () => randomBytes(24).toString('base64url');

/** From the query of an upgrade. Undefined: it joins. */
export function resumptionOf({ url = '' }: { readonly url?: string | undefined }): Resumption | undefined {
  const query = new URLSearchParams(url.split('?', 2)[1]);
  const key = query.get('resume');
  const received = query.get('received') ?? '';
  if (key === null || !/^\d{1,9}$/.test(received)) return undefined;
  return { key, received: Number(received) };
}
