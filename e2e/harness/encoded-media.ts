import type { Page } from './browser.ts';

/** Frames for clients that have no encoder of their own. */
export interface EncodedMedia {
  /** VP8 at 30 frames a second; each begins with a key frame often enough to join at any time. */
  readonly video: readonly Buffer[];
  /** Opus, 20 ms each, of a 440 Hz tone. */
  readonly audio: readonly Buffer[];
}

/** Encodes a second of moving picture and a second of tone with the WebCodecs of a browser. */
export async function encodeMedia(page: Page, url: string): Promise<EncodedMedia> {
  await page.goto(url); // WebCodecs wants a secure context: any page of localhost
  const { video, audio } = await page.evaluate<{ video: string[]; audio: string[] }>(ENCODE);
  return { video: video.map(frame => Buffer.from(frame, 'base64')), audio: audio.map(frame => Buffer.from(frame, 'base64')) };
}

const ENCODE = `(async () => {
  const base64 = chunk => { const bytes = new Uint8Array(chunk.byteLength); chunk.copyTo(bytes); return btoa(String.fromCharCode(...bytes)); };
  const fail = error => { throw error; };
  const video = [];
  const pictures = new VideoEncoder({ output: chunk => video.push(base64(chunk)), error: fail });
  pictures.configure({ codec: 'vp8', width: 320, height: 180, bitrate: 300000, framerate: 30, latencyMode: 'realtime' });
  const canvas = new OffscreenCanvas(320, 180);
  const context = canvas.getContext('2d');
  for (let index = 0; index < 30; index++) {
    context.fillStyle = 'hsl(' + index * 12 + ' 80% 50%)';
    context.fillRect(0, 0, 320, 180);
    const frame = new VideoFrame(canvas, { timestamp: index * 33333 });
    pictures.encode(frame, { keyFrame: index % 10 === 0 });
    frame.close();
  }
  await pictures.flush();
  const audio = [];
  const tones = new AudioEncoder({ output: chunk => audio.push(base64(chunk)), error: fail });
  tones.configure({ codec: 'opus', sampleRate: 48000, numberOfChannels: 1, bitrate: 32000 });
  const samples = new Float32Array(48000).map((_, index) => 0.5 * Math.sin(2 * Math.PI * 440 * index / 48000));
  const data = new AudioData({ format: 'f32-planar', sampleRate: 48000, numberOfFrames: 48000, numberOfChannels: 1, timestamp: 0, data: samples });
  tones.encode(data);
  await tones.flush();
  return { video, audio };
})()`;
