import { type Handle, loadAddon } from '@aqlinks/media-plane';
import type { Command, Fingerprint, MediaEvent, MediaPlane, WorkerAddresses, WorkerId } from './media-plane.ts';

export interface NativeOptions {
  readonly workers: number;
  readonly port: number; // of the first worker, the others follow; 0: any free ports
  readonly addresses: readonly string[]; // IPs to announce; none: every address of the machine
  readonly tcp?: boolean; // take TCP connections on the same ports; default: false
  readonly announcedPort?: number; // of the first worker, where clients reach it by another one than `port`
  readonly bind?: string; // IP to receive on; default: every address of the machine
  readonly logLevel?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'; // to standard error; default: warn
}

/** Starts the workers. Throws where the addon is not installed or a port cannot be had. */
export function startNativeMediaPlane(options: NativeOptions): MediaPlane {
  return new NativeMediaPlane(options);
}

/** The Rust addon as a `MediaPlane`. */
class NativeMediaPlane implements MediaPlane {
  readonly fingerprint: Fingerprint;
  readonly workers: readonly WorkerAddresses[];

  readonly #handle: Handle;
  #state: Listening = { kind: 'unheard', events: [] };
  #closed: Promise<void> | undefined;

  constructor(options: NativeOptions) {
    this.#handle = loadAddon().start(JSON.stringify(options), events => this.#tell(JSON.parse(events)));
    ({ fingerprint: this.fingerprint, workers: this.workers } = JSON.parse(this.#handle.description));
  }

  send(worker: WorkerId, commands: readonly Command[]): void {
    this.#handle.send(worker, JSON.stringify(commands));
  }

  onEvents(listener: (events: readonly MediaEvent[]) => void): void {
    if (this.#state.kind === 'heard') throw new Error('The media plane has a listener already.');
    if (this.#state.kind === 'closed') return;
    const { events } = this.#state;
    this.#state = { kind: 'heard', listener };
    if (events.length > 0) queueMicrotask(() => this.#tell(events));
  }

  close(): Promise<void> {
    this.#state = { kind: 'closed' };
    this.#closed ??= this.#handle.close();
    return this.#closed;
  }

  #tell(events: readonly MediaEvent[]): void {
    switch (this.#state.kind) {
      case 'unheard':
        this.#state.events.push(...events);
        break;
      case 'heard':
        if (events.length > 0) this.#state.listener(events);
        break;
      case 'closed':
    }
  }
}

type Listening =
  | { readonly kind: 'unheard'; readonly events: MediaEvent[] }
  | { readonly kind: 'heard'; readonly listener: (events: readonly MediaEvent[]) => void }
  | { readonly kind: 'closed' };
