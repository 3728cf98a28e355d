import type { MediaPlane, WorkerId, WorkerStats } from '../media/media-plane.ts';

type Collected = ReadonlyMap<WorkerId, WorkerStats>;

interface Collection {
  readonly request: number;
  readonly waitingFor: Set<WorkerId>;
  readonly stats: Map<WorkerId, WorkerStats>;
  readonly promise: Promise<Collected>;
  readonly resolve: (collected: Collected) => void;
}

/** Asks all workers at once; who asks meanwhile gets the same answer. */
export class StatsCollector {
  readonly #plane: MediaPlane;
  readonly #failed = new Set<WorkerId>();
  #request = 0;
  #running: Collection | undefined;

  constructor(plane: MediaPlane) {
    this.#plane = plane;
  }

  collect(): Promise<Collected> {
    if (this.#running !== undefined) return this.#running.promise;
    const living = [...this.#plane.workers.keys()].filter(worker => !this.#failed.has(worker));
    const { promise, resolve } = Promise.withResolvers<Collected>();
    this.#request = (this.#request % 0xffff_ffff) + 1;
    this.#running = { request: this.#request, waitingFor: new Set(living), stats: new Map(), promise, resolve };
    for (const worker of living) this.#plane.send(worker, [{ type: 'collect-stats', request: this.#request }]);
    this.#finishIfComplete();
    return promise;
  }

  handleStats(worker: WorkerId, request: number, stats: WorkerStats): void {
    if (this.#running?.request !== request) return;
    this.#running.stats.set(worker, stats);
    this.#running.waitingFor.delete(worker);
    this.#finishIfComplete();
  }

  handleFailed(worker: WorkerId): void {
    this.#failed.add(worker);
    this.#running?.waitingFor.delete(worker);
    this.#finishIfComplete();
  }

  #finishIfComplete(): void {
    if (this.#running === undefined || this.#running.waitingFor.size > 0) return;
    const { resolve, stats } = this.#running;
    this.#running = undefined;
    resolve(stats);
  }
}
