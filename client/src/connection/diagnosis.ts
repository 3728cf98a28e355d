import { HttpError, RefusalCode } from '@aqlinks/protocol';
import { diagnosisAddress } from './address.ts';

const PATIENCE = 5_000; // ms for the server to answer

/** What the server says about an upgrade that did not come about. */
export type Diagnosis =
  | { readonly type: 'refused'; readonly code: RefusalCode; readonly message: string }
  /** It answers, and would let us in now: the failure was an accident. */
  | { readonly type: 'welcome' }
  | { readonly type: 'silent' };

/** Browsers hide the HTTP answer of a failed upgrade; a plain GET of the same address tells it (SPEC P5). */
export async function diagnose(base: string, token: string): Promise<Diagnosis> {
  try {
    const response = await fetch(diagnosisAddress(base, token), { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
    const { error, message } = HttpError.parse(await response.json());
    const code = RefusalCode.parse(error);
    return code === 'upgrade-required' ? { type: 'welcome' } : { type: 'refused', code, message };
  } catch {
    return { type: 'silent' };
  }
}

/** Worth another try by ourselves: what refused us passes without anybody's doing. */
export function passes(code: RefusalCode): boolean {
  return code === 'server-full' || code === 'shutting-down' || code === 'rate-limited' || code === 'token-not-yet-valid';
}
