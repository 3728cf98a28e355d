import type { Source } from '@aqlinks/protocol';

/** Upper bounds in bits per second: a viewer receives what is sent, from each of the others. Sound needs none. */
const MAX_BITRATE: { readonly [Each in Source]?: number } = { camera: 1_500_000, screen: 2_500_000 };

/** A browser that refuses goes on with its own bounds. */
export async function limitBitrate(sender: RTCRtpSender, source: Source): Promise<void> {
  const maxBitrate = MAX_BITRATE[source];
  const parameters = sender.getParameters();
  if (maxBitrate === undefined || parameters.encodings.length === 0) return;
  for (const encoding of parameters.encodings) encoding.maxBitrate = maxBitrate;
  await sender.setParameters(parameters).catch(() => undefined);
}
