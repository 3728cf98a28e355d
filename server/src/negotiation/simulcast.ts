import type { MediaDescription } from 'sdp-transform';

/** RTP stream ids of the layers that we receive (RFC 8851), the smallest first: a quarter, a half, the full size. */
export const RIDS: readonly string[] = ['q', 'h', 'f'];

/** What an offer says of a video that may be sent in layers (RFC 8853). */
export function offeredSimulcast(): Pick<MediaDescription, 'rids' | 'simulcast'> {
  return {
    rids: RIDS.map(id => ({ id, direction: 'recv' })),
    simulcast: { dir1: 'recv', list1: RIDS.join(';') },
  };
}

/** The layers that an answer agrees to send, the smallest first; none where it is no simulcast. What we did not offer does not count. */
export function answeredRids({ simulcast }: MediaDescription): string[] {
  const { dir1, list1, dir2, list2 } = simulcast ?? {};
  const sent = dir1 === 'send' ? list1 : dir2 === 'send' ? list2 : undefined;
  if (sent === undefined) return [];
  // Of alternatives the first; one that begins paused (`~`) may go on later.
  const chosen = String(sent)
    .split(';')
    .map(alternatives => alternatives.split(',')[0]?.replace(/^~/, ''));
  return RIDS.filter(rid => chosen.includes(rid));
}
