import type { Source } from '@aqlinks/protocol';
import { Emitter } from '../emitter.ts';
import { captureBoth, captureDevice, captureScreen } from './capture.ts';
import { ALL_OFF, type Device, type LocalSource, type LocalSources, OFF, type StartOptions } from './local-source.ts';
import { MediaError } from './media-error.ts';

interface LocalMediaEvents {
  changed: Source;
  /** Not by us: the device was unplugged, or the person ended the sharing in the browser's own bar. */
  interrupted: Source;
}

/** Our own microphone, camera and screen: starts, mutes and stops them. Knows nothing of the server. */
export class LocalMedia extends Emitter<LocalMediaEvents> {
  #sources: LocalSources = ALL_OFF;
  readonly #deviceIds = new Map<Device, string>();
  /** The newest wish for a source: a capture that is granted after it was given up is released again. */
  readonly #wishes = new Map<Source, symbol>();

  get sources(): LocalSources {
    return this.#sources;
  }

  /** Also changes the device of one that is on. Throws a `MediaError`; the source is off then. */
  async start(device: Device, { deviceId, track, muted = false }: StartOptions = {}): Promise<void> {
    this.#wish(device);
    if (deviceId !== undefined) this.prefer(device, deviceId);
    if (device === 'camera' && muted && track === undefined) return this.#become(device, { state: 'muted', media: undefined });
    const media = track ?? (await this.#capture(device));
    if (media === undefined) return;
    media.enabled = true;
    this.#become(device, { state: 'on', media });
    if (muted) this.mute(device);
  }

  /** Starts camera and microphone with one question to the person. What could not be had is in the answer, and off. */
  async startBoth(): Promise<{ readonly camera?: MediaError; readonly microphone?: MediaError }> {
    const wishes = { camera: this.#wish('camera'), microphone: this.#wish('microphone') };
    this.#become('camera', { state: 'starting' });
    this.#become('microphone', { state: 'starting' });
    const captured = await captureBoth({ camera: this.#deviceIds.get('camera'), microphone: this.#deviceIds.get('microphone') });
    const errors: { camera?: MediaError; microphone?: MediaError } = {};
    for (const device of ['camera', 'microphone'] as const) {
      const got = captured[device];
      const wanted = this.#wishes.get(device) === wishes[device];
      if (got instanceof MediaError) errors[device] = got;
      else if (!wanted) got.stop();
      if (wanted) this.#become(device, got instanceof MediaError ? OFF : { state: 'on', media: got });
    }
    return errors;
  }

  /** The device that is taken from now on, if it is there. */
  prefer(device: Device, deviceId: string): void {
    this.#deviceIds.set(device, deviceId);
  }

  /** Throws a `MediaError`; one with `cancelled` when no screen was chosen. */
  async startScreen(audio: boolean): Promise<void> {
    const wish = this.#wish('screen');
    this.#become('screen', { state: 'starting' });
    try {
      const captured = await captureScreen(audio);
      if (this.#wishes.get('screen') !== wish) {
        captured.video.stop();
        captured.audio?.stop();
        return;
      }
      this.#become('screen', { state: 'on', media: captured.video });
      if (captured.audio !== undefined) this.#become('screen-audio', { state: 'on', media: captured.audio });
    } catch (error) {
      if (this.#wishes.get('screen') === wish) this.#become('screen', OFF);
      throw error;
    }
  }

  /** Idempotent. The sound of a screen ends with it. */
  stop(source: Source): void {
    this.#wish(source);
    this.#become(source, OFF);
    if (source === 'screen') this.stop('screen-audio');
  }

  stopAll(): void {
    for (const source of Object.keys(ALL_OFF) as Source[]) this.stop(source);
  }

  mute(source: Source): void {
    const local = this.#sources[source];
    this.#wish(source);
    switch (local.state) {
      case 'on':
        if (source === 'camera') {
          this.#become(source, { state: 'muted', media: undefined });
          return;
        }
        local.media.enabled = false;
        this.#become(source, { state: 'muted', media: local.media });
        return;
      case 'starting':
        this.#become(source, OFF);
        return;
      case 'muted':
      case 'off':
        return;
    }
  }

  /** Throws a `MediaError` when the device cannot be had again; it stays muted then. */
  async unmute(source: Source): Promise<void> {
    const local = this.#sources[source];
    if (local.state !== 'muted') return;
    let media = local.media;
    if (media === undefined && source === 'camera') media = await this.#capture(source);
    if (media === undefined) return;
    media.enabled = true;
    this.#become(source, { state: 'on', media });
  }

  /** `undefined`: given up meanwhile. */
  async #capture(device: Device): Promise<MediaStreamTrack | undefined> {
    const before = this.#sources[device];
    const wish = this.#wish(device);
    // Released first: phones cannot open two cameras at once.
    this.#become(device, { state: 'starting' });
    try {
      const media = await captureDevice(device, this.#deviceIds.get(device));
      if (this.#wishes.get(device) === wish) return media;
      media.stop();
      return undefined;
    } catch (error) {
      if (this.#wishes.get(device) === wish) this.#become(device, before.state === 'muted' ? before : OFF);
      throw error;
    }
  }

  #wish(source: Source): symbol {
    const wish = Symbol(source);
    this.#wishes.set(source, wish);
    return wish;
  }

  #become(source: Source, local: LocalSource): void {
    const before = this.#sources[source];
    if (before === local || (before.state === 'off' && local.state === 'off')) return;
    const [old, media] = [mediaOf(before), mediaOf(local)];
    if (old !== media) {
      old?.stop(); // by `stop()` no `ended` is fired
      if (media !== undefined) media.onended = () => this.#interrupted(source, media);
    }
    this.#sources = { ...this.#sources, [source]: local };
    this.emit('changed', source);
  }

  #interrupted(source: Source, media: MediaStreamTrack): void {
    if (mediaOf(this.#sources[source]) !== media) return;
    this.stop(source);
    this.emit('interrupted', source);
  }
}

export function mediaOf(local: LocalSource): MediaStreamTrack | undefined {
  return local.state === 'on' || local.state === 'muted' ? local.media : undefined;
}
