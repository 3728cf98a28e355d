import { Emitter } from '../emitter.ts';
import type { TokenSource } from './token-source.ts';

interface RenewalEvents {
  /** To be handed over. */
  token: string;
}

const RETRY = 5_000; // ms; sooner when little time is left
const SOONEST = 500; // ms

/** Gets a new token when the server says that ours expires, and goes on trying for as long as it helps (SPEC P57, P58). */
export class Renewal extends Emitter<RenewalEvents> {
  readonly #source: TokenSource;
  #deadline = 0; // ms since 1970: we are removed then
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round: symbol | undefined;

  constructor(source: TokenSource) {
    super();
    this.#source = source;
  }

  /** Both in seconds. */
  handleExpiring({ seconds, grace }: { readonly seconds: number; readonly grace: number }): void {
    this.stop();
    this.#deadline = Date.now() + (seconds + grace) * 1_000;
    void this.#try();
  }

  handleAccepted(): void {
    this.stop();
  }

  /** By the server: another try may bring a better one. */
  handleRefused(): void {
    if (this.#round !== undefined) this.#tryLater();
  }

  /** The connection is gone, or the token is new. Idempotent. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#round = undefined;
  }

  async #try(): Promise<void> {
    const round = Symbol('round');
    this.#round = round;
    try {
      const token = await this.#source.renew();
      if (this.#round === round) this.emit('token', token);
    } catch {
      if (this.#round === round) this.#tryLater();
    }
  }

  #tryLater(): void {
    const left = this.#deadline - Date.now();
    if (left <= 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#try(), Math.max(SOONEST, Math.min(RETRY, left / 4)));
  }
}
