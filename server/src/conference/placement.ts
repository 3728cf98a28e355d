import type { WorkerId } from '../media/media-plane.ts';

/** Which worker a new room goes to. The load counts what costs a worker: transports and subscriptions. */
export interface Placement {
  /** `undefined`: no worker lives. */
  choose(): WorkerId | undefined;
  /** `by` may be negative. */
  addLoad(worker: WorkerId, by: number): void;
  fail(worker: WorkerId): void;
}

/** The worker with the least load; a whole room lives on one. */
export class LeastLoaded implements Placement {
  readonly #loads = new Map<WorkerId, number>();

  constructor(workers: number) {
    for (let worker = 0; worker < workers; worker += 1) this.#loads.set(worker, 0);
  }

  choose(): WorkerId | undefined {
    let best: WorkerId | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [worker, load] of this.#loads) {
      if (load >= least) continue;
      best = worker;
      least = load;
    }
    return best;
  }

  addLoad(worker: WorkerId, by: number): void {
    const load = this.#loads.get(worker);
    if (load !== undefined) this.#loads.set(worker, load + by);
  }

  fail(worker: WorkerId): void {
    this.#loads.delete(worker);
  }
}
