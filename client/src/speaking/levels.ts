/** Loudness of what a receiver plays, 0 to 1; from the packets' own levels (RFC 6464) where they have them. */
export async function receivedLevel(receiver: RTCRtpReceiver): Promise<number> {
  const [source] = receiver.getSynchronizationSources();
  if (source === undefined) return 0;
  return source.audioLevel ?? (await statsLevel(receiver, 'inbound-rtp'));
}

/** Loudness of what is captured for a sender. */
export function sentLevel(sender: RTCRtpSender): Promise<number> {
  return statsLevel(sender, 'media-source');
}

async function statsLevel(of: RTCRtpReceiver | RTCRtpSender, type: 'inbound-rtp' | 'media-source'): Promise<number> {
  const report: ReadonlyMap<string, unknown> = await of.getStats();
  for (const entry of report.values()) {
    const { type: found, audioLevel } = entry as { type?: string; audioLevel?: number };
    if (found === type && audioLevel !== undefined) return audioLevel;
  }
  return 0;
}
