import type { Source } from '@aqlinks/protocol';

/** A layer: how much smaller than the picture, and its upper bound in bits per second. */
interface Bounds {
  readonly scale: number;
  readonly maxBitrate: number;
}

/** Of the layers that the server's offer asks for, the smallest first. Sound needs no bound. */
const LAYERS: { readonly [Each in Source]?: readonly Bounds[] } = {
  camera: [
    { scale: 4, maxBitrate: 150_000 },
    { scale: 2, maxBitrate: 500_000 },
    { scale: 1, maxBitrate: 1_500_000 },
  ],
  screen: [
    { scale: 4, maxBitrate: 200_000 },
    { scale: 2, maxBitrate: 700_000 },
    { scale: 1, maxBitrate: 2_500_000 },
  ],
};

/** `active`: of each layer, whether anybody watches it. Absent: all. */
export type ActiveLayers = readonly boolean[] | undefined;

/** Bounds what a sender sends, layer by layer where there are several. A browser that refuses goes on with its own bounds. */
export async function boundEncodings(sender: RTCRtpSender, source: Source, active: ActiveLayers): Promise<void> {
  const layers = LAYERS[source];
  const parameters = sender.getParameters();
  const { encodings } = parameters;
  if (layers === undefined || encodings.length === 0) return;
  for (const [index, encoding] of encodings.entries()) {
    const { scale, maxBitrate } = (encodings.length === layers.length ? layers[index] : layers.at(-1)) ?? layers[0] ?? FULL;
    encoding.maxBitrate = maxBitrate;
    if (encodings.length === 1) continue;
    encoding.scaleResolutionDownBy = scale;
    encoding.active = active?.[index] ?? true;
  }
  await sender.setParameters(parameters).catch(() => undefined);
}

const FULL: Bounds = { scale: 1, maxBitrate: 1_500_000 };
