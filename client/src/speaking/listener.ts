import type { MediaSession } from '../media-session.ts';
import { receivedLevel, sentLevel } from './levels.ts';
import { Speaking } from './speaking.ts';

const INTERVAL = 200; // ms between two looks at the levels: fast enough to follow words

/** Looks at the loudness of everybody, in a call, from time to time. */
export class SpeakingListener extends Speaking {
  readonly #session: MediaSession;
  readonly #self: () => string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `self`: our own participant id. */
  constructor(session: MediaSession, self: () => string | undefined) {
    super();
    this.#session = session;
    this.#self = self;
  }

  start(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), INTERVAL);
  }

  /** The server hears everybody, as it is best placed to: from its first word on nobody is listened to here. */
  override handleSpeakers(participants: readonly string[]): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    super.handleSpeakers(participants);
  }

  /** Nobody speaks from now on. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.handleLevels(new Map(), Number.POSITIVE_INFINITY);
  }

  async #look(): Promise<void> {
    const timer = this.#timer;
    const levels = new Map<string, number>();
    const self = this.#self();
    const sender = this.#session.sender('microphone');
    try {
      if (self !== undefined && sender?.track?.enabled === true) levels.set(self, await sentLevel(sender));
      for (const { participant, receiver } of this.#session.received()) {
        if (receiver.track.kind !== 'audio') continue;
        levels.set(participant, Math.max(levels.get(participant) ?? 0, await receivedLevel(receiver)));
      }
    } catch {
      // The connection was closed while we looked: what was seen before it counts.
    }
    if (this.#timer !== timer) return; // stopped, or started anew
    this.handleLevels(levels, performance.now());
    this.start();
  }
}
