import type { CloseName } from '@aqlinks/protocol';
import type { Command, MediaPlane, WorkerId } from '../media/media-plane.ts';
import type { Log, Notice, Outlet } from '../session.ts';

/**
 * What is to be said to the workers and the clients. It is gathered while the rooms change and said when they are
 * consistent again, commands first: a client that calls back from within a notice finds everything in order.
 */
export class Outbox {
  readonly #plane: MediaPlane;
  readonly #log: Log;
  readonly #commands = new Map<WorkerId, Command[]>();
  #calls: (() => void)[] = [];
  #flushing = false;

  constructor(plane: MediaPlane, log: Log) {
    this.#plane = plane;
    this.#log = log;
  }

  command(worker: WorkerId, command: Command): void {
    const waiting = this.#commands.get(worker);
    if (waiting === undefined) this.#commands.set(worker, [command]);
    else waiting.push(command);
  }

  notify(outlet: Outlet, notice: Notice): void {
    this.#calls.push(() => outlet.notify(notice));
  }

  close(outlet: Outlet, reason: CloseName): void {
    this.#calls.push(() => outlet.close(reason));
  }

  /** Anything else that is to hear of it, from outside. */
  tell(call: () => void): void {
    this.#calls.push(call);
  }

  /** Called within itself, it leaves the rest to the outer call. */
  flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      this.#sendCommands();
      while (this.#calls.length > 0) {
        const calls = this.#calls;
        this.#calls = [];
        for (const call of calls) this.#guarded(call);
        this.#sendCommands();
      }
    } finally {
      this.#flushing = false;
    }
  }

  #sendCommands(): void {
    const waiting = [...this.#commands];
    this.#commands.clear(); // first: what a throw leaves behind must not be sent twice
    for (const [worker, commands] of waiting) this.#plane.send(worker, commands);
  }

  /** Neither one client's outlet nor a listener must keep the others from being told. */
  #guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#log.error({ err: error }, 'an outlet or a listener threw');
    }
  }
}
