export type Listener<Payload> = (payload: Payload) => void;

/**
 * Typed events. A listener that throws does not disturb the others, nor us: its error is reported as uncaught.
 */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  /** Returns the function that ends it. */
  on<Type extends keyof Events>(type: Type, listener: Listener<Events[Type]>): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => {
      listeners.delete(listener);
    };
  }

  protected emit<Type extends keyof Events>(type: Type, payload: Events[Type]): void {
    const listeners = this.#listeners.get(type) as Set<Listener<Events[Type]>> | undefined;
    for (const listener of [...(listeners ?? [])]) {
      try {
        listener(payload);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
