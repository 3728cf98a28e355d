import type { TestContext } from 'node:test';

/** What a browser has as `navigator.mediaDevices`, until the end of the test; `undefined`: as on a page without HTTPS. */
export function withMediaDevices(t: TestContext, devices: object | undefined): void {
  Object.defineProperty(navigator, 'mediaDevices', { value: devices, configurable: true });
  t.after(() => Reflect.deleteProperty(navigator, 'mediaDevices'));
}

export function fakeStream(...tracks: MediaStreamTrack[]) {
  const of = (kind: string) => tracks.filter(track => track.kind === kind);
  return { getTracks: () => tracks, getVideoTracks: () => of('video'), getAudioTracks: () => of('audio') };
}
