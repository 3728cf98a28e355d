import type { Source } from '@aqlinks/protocol';

/** One of our own sources. */
export type LocalSource =
  | { readonly state: 'off' }
  /** The browser is asked for it, or the person by the browser. */
  | { readonly state: 'starting' }
  | { readonly state: 'on'; readonly media: MediaStreamTrack }
  /** Published, but sends nothing. A muted camera is released, so that its light goes out; a muted microphone is kept. */
  | { readonly state: 'muted'; readonly media: MediaStreamTrack | undefined };

export type LocalSources = { readonly [Each in Source]: LocalSource };

export const OFF: LocalSource = { state: 'off' };
export const ALL_OFF: LocalSources = { microphone: OFF, camera: OFF, screen: OFF, 'screen-audio': OFF };

export type Device = 'camera' | 'microphone';

/** How to begin with a camera or microphone. */
export interface StartOptions {
  /** Of `enumerateDevices`; default: as last time, else the browser's choice. */
  readonly deviceId?: string;
  /** One that is there already, from a preview say. It is taken over: we stop it when it is not needed any more. */
  readonly track?: MediaStreamTrack;
  /** Publish it muted. Default: false. */
  readonly muted?: boolean;
}
