import type { MediaEvent } from '../../src/media/media-plane.ts';

type EventOf<T extends MediaEvent['type']> = Extract<MediaEvent, { type: T }>;

/** Everything that a media plane told, to be waited for. */
export class Events {
  readonly all: MediaEvent[] = [];
  #read = 0;
  #wake: (() => void) | undefined;

  push(events: readonly MediaEvent[]): void {
    this.all.push(...events);
    this.#wake?.();
  }

  /** The next of this type; those before it are passed over. */
  async next<T extends MediaEvent['type']>(type: T): Promise<EventOf<T>> {
    for (;;) {
      const event = this.all[this.#read];
      if (event === undefined) {
        await new Promise<void>(resolve => {
          this.#wake = resolve;
        });
        continue;
      }
      this.#read += 1;
      if (isOf(event, type)) return event;
    }
  }
}

function isOf<T extends MediaEvent['type']>(event: MediaEvent, type: T): event is EventOf<T> {
  return event.type === type;
}
