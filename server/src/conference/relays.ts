import type { Command, WorkerId } from '../media/media-plane.ts';
import type { Outbox } from './outbox.ts';

/** A track's way to other workers than its publisher's: handed over once to each on which anybody receives it. */
export class Relays {
  readonly #home: WorkerId;
  readonly #published: Command & { readonly type: 'publish-track' };
  readonly #outbox: Outbox;
  readonly #receivers = new Map<WorkerId, number>();

  constructor(home: WorkerId, published: Command & { readonly type: 'publish-track' }, outbox: Outbox) {
    this.#home = home;
    this.#published = published;
    this.#outbox = outbox;
  }

  /** Before a subscription there. */
  add(worker: WorkerId): void {
    if (worker === this.#home) return;
    const receivers = this.#receivers.get(worker) ?? 0;
    this.#receivers.set(worker, receivers + 1);
    if (receivers > 0) return;
    const { type: _, mid: __, ...published } = this.#published;
    this.#outbox.command(this.#home, { type: 'relay-track', track: published.track, to: worker });
    this.#outbox.command(worker, { type: 'receive-track', from: this.#home, ...published });
  }

  /** A subscription there has ended, or will have with the copy. */
  remove(worker: WorkerId): void {
    const receivers = this.#receivers.get(worker);
    if (receivers === undefined) return;
    if (receivers > 1) {
      this.#receivers.set(worker, receivers - 1);
      return;
    }
    this.#receivers.delete(worker);
    const { track } = this.#published;
    this.#outbox.command(this.#home, { type: 'stop-relaying', track, to: worker });
    this.#outbox.command(worker, { type: 'unpublish-track', track });
  }

  /** The track is gone from its home: its copies go, with all subscriptions to them. */
  end(): void {
    const { track } = this.#published;
    for (const worker of this.#receivers.keys()) this.#outbox.command(worker, { type: 'unpublish-track', track });
    this.#receivers.clear();
  }
}
