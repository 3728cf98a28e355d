import type { WorkerId } from '../media/media-plane.ts';

/** Which worker a participant goes to. */
export interface Placement {
  /** `used`: where the others of the room are; one of these is taken while it has headroom. `undefined`: no worker lives. */
  choose(used: Iterable<WorkerId>): WorkerId | undefined;
  /** Transports and subscriptions that come, or go if it is negative. */
  addLoad(worker: WorkerId, by: number): void;
  /** CPU time that the worker has used since it began, in seconds, at this time in ms. */
  measure(worker: WorkerId, at: number, cpuSeconds: number): void;
  fail(worker: WorkerId): void;
}

/** Of a core, for each transport and subscription: before they send anything, this is all that is known of them. */
const EXPECTED = 0.0005;
/** Until they were measured, those that came last count for so much more. */
const EXPECTED_OF_NEW = 0.001;
/** A room stays together until another worker has so much more of a core to spare: what is relayed costs twice. */
const HEADROOM = 0.1;

interface Load {
  items: number;
  /** Items that came since the last measurement. */
  unmeasured: number;
  measured: { readonly at: number; readonly cpuSeconds: number; readonly share: number } | undefined;
}

/**
 * By measured load: what share of a core each worker uses, and what those who came since may add. A room is kept on
 * as few workers as have headroom.
 */
export class ByLoad implements Placement {
  readonly #loads = new Map<WorkerId, Load>();

  constructor(workers: number) {
    for (let worker = 0; worker < workers; worker += 1) this.#loads.set(worker, { items: 0, unmeasured: 0, measured: undefined });
  }

  choose(used: Iterable<WorkerId>): WorkerId | undefined {
    const best = this.#least(this.#loads.keys());
    const own = this.#least(used);
    if (best === undefined || own === undefined) return best;
    return this.#load(own) <= this.#load(best) + HEADROOM ? own : best;
  }

  addLoad(worker: WorkerId, by: number): void {
    const load = this.#loads.get(worker);
    if (load === undefined) return;
    load.items += by;
    load.unmeasured = Math.max(0, load.unmeasured + by);
  }

  measure(worker: WorkerId, at: number, cpuSeconds: number): void {
    const load = this.#loads.get(worker);
    if (load === undefined) return;
    const last = load.measured;
    if (last !== undefined && at <= last.at) return;
    const share = last === undefined ? 0 : ((cpuSeconds - last.cpuSeconds) * 1_000) / (at - last.at);
    load.measured = { at, cpuSeconds, share };
    load.unmeasured = 0;
  }

  fail(worker: WorkerId): void {
    this.#loads.delete(worker);
  }

  #least(workers: Iterable<WorkerId>): WorkerId | undefined {
    let best: WorkerId | undefined;
    for (const worker of workers) {
      if (this.#loads.has(worker) && (best === undefined || this.#load(worker) < this.#load(best))) best = worker;
    }
    return best;
  }

  #load(worker: WorkerId): number {
    const load = this.#loads.get(worker);
    if (load === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(load.measured?.share ?? 0, load.items * EXPECTED) + load.unmeasured * EXPECTED_OF_NEW;
  }
}
