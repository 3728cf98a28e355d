import { CLOSE, type CloseName, type RefusalCode } from '@aqlinks/protocol';

/** Why a call is over. `message` is a sentence for people. */
export type CloseReason =
  | { readonly type: 'left'; readonly message: string }
  /** The server did not let us in. */
  | { readonly type: 'refused'; readonly code: RefusalCode; readonly message: string }
  /** The server ended it, and coming back by ourselves would be wrong (another tab took over, removed, …). */
  | { readonly type: 'ended'; readonly name: CloseName; readonly message: string }
  /** No answer from the server, at once or after all tries. */
  | { readonly type: 'unreachable'; readonly message: string }
  /** The server answers, but no media connection comes about. */
  | { readonly type: 'media-unreachable'; readonly message: string }
  /** `getToken` failed. */
  | { readonly type: 'no-token'; readonly message: string };

export const LEFT: CloseReason = { type: 'left', message: CLOSE.left.reason };
export const UNREACHABLE: CloseReason = {
  type: 'unreachable',
  message: 'The server does not answer. Is it running, and are you online?',
};
export const MEDIA_UNREACHABLE: CloseReason = {
  type: 'media-unreachable',
  message: 'The server answers, but sound and picture do not get through. A firewall may be blocking UDP.',
};

/** `getToken` threw that: its own words are the best there are. */
export function noToken(error: unknown): CloseReason {
  const message = error instanceof Error && error.message !== '' ? error.message : 'No token could be had to join with.';
  return { type: 'no-token', message };
}

/** The reason to stop for good that a close code gives; `undefined`: come again. */
export function endedBy(code: number): CloseReason | undefined {
  for (const [name, close] of Object.entries(CLOSE)) {
    if (close.code !== code || close.reconnect) continue;
    return { type: 'ended', name: name as CloseName, message: close.reason };
  }
  return undefined;
}
