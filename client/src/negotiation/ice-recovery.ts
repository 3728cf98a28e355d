import { Emitter } from '../emitter.ts';

interface IceRecoveryEvents {
  /** Ask the server to begin ICE anew (SPEC P44). */
  restart: undefined;
  /** That did not help, or there never was a way. */
  lost: undefined;
}

type State =
  | { readonly at: 'connecting' } // there was no way yet
  | { readonly at: 'steady' }
  /** The browser hears nothing: it may find its way by itself. */
  | { readonly at: 'doubtful'; readonly timer: ReturnType<typeof setTimeout> }
  | { readonly at: 'restarting'; readonly timer: ReturnType<typeof setTimeout> }
  | { readonly at: 'stopped' };

/** ms of silence after which ICE begins anew; browsers say `failed` only after some fifteen seconds. */
const DOUBT = 2_000;
/** ms that a restart has, until only a new connection helps. */
const RECOVERY = 8_000;

/** Keeps a connection's path to the server alive when the network under it changes. */
export class IceRecovery extends Emitter<IceRecoveryEvents> {
  readonly #connection: RTCPeerConnection;
  #state: State = { at: 'connecting' };

  constructor(connection: RTCPeerConnection) {
    super();
    this.#connection = connection;
    connection.addEventListener('iceconnectionstatechange', () => this.#look());
  }

  /** The browser says that the network has changed: the old path is not waited for. */
  handleNetworkChanged(): void {
    if (this.#state.at === 'steady' || this.#state.at === 'doubtful') this.#restart();
  }

  /** Idempotent; no event comes after it. */
  stop(): void {
    this.#become({ at: 'stopped' });
  }

  #look(): void {
    const { at } = this.#state;
    switch (this.#connection.iceConnectionState) {
      case 'connected':
      case 'completed':
        if (at !== 'stopped') this.#become({ at: 'steady' });
        return;
      case 'disconnected':
        if (at === 'steady') this.#become({ at: 'doubtful', timer: setTimeout(() => this.#restart(), DOUBT) });
        return;
      case 'failed':
        if (at === 'connecting') this.#lose();
        if (at === 'steady' || at === 'doubtful') this.#restart();
        return;
    }
  }

  #restart(): void {
    this.#become({ at: 'restarting', timer: setTimeout(() => this.#expire(), RECOVERY) });
    this.emit('restart', undefined);
  }

  #expire(): void {
    const { iceConnectionState: state } = this.#connection;
    if (state === 'connected' || state === 'completed') this.#become({ at: 'steady' });
    else this.#lose();
  }

  #lose(): void {
    this.#become({ at: 'stopped' });
    this.emit('lost', undefined);
  }

  #become(state: State): void {
    if ('timer' in this.#state) clearTimeout(this.#state.timer);
    this.#state = state;
  }
}
