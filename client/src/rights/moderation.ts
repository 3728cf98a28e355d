import type { Moderation as Act, ClientMessage, Source } from '@aqlinks/protocol';

/**
 * What those with the right do to others and to the room. Participants are named by id. Whether it is done is the server's to decide:
 * what comes of it shows in the snapshot, and a refusal is an `error` event.
 */
export class Moderation {
  readonly #send: (message: ClientMessage) => void;

  constructor(send: (message: ClientMessage) => void) {
    this.#send = send;
  }

  /** Nobody hears them until they unmute themselves. */
  mute(participant: string, source: 'microphone' | 'screen-audio' = 'microphone'): void {
    this.#do({ action: 'mute', participant, source });
  }

  /** They may start it again. */
  stopVideo(participant: string, source: 'camera' | 'screen' = 'camera'): void {
    this.#do({ action: 'stop-video', participant, source });
  }

  askUnmute(participant: string, source: Source = 'microphone'): void {
    this.#do({ action: 'ask-unmute', participant, source });
  }

  setRole(participant: string, role: string): void {
    this.#do({ action: 'set-role', participant, role });
  }

  /** From the lobby. */
  admit(participant: string): void {
    this.#do({ action: 'admit', participant });
  }

  /** Also who waits in the lobby. `ban`: for good. */
  remove(participant: string, { ban = false }: { readonly ban?: boolean } = {}): void {
    this.#do({ action: 'remove', participant, ban });
  }

  /** Nobody else comes in. */
  lock(locked: boolean): void {
    this.#do({ action: 'lock', locked });
  }

  /** Whoever comes waits to be admitted; off, all who wait come in. */
  setLobby(lobby: boolean): void {
    this.#do({ action: 'lobby', lobby });
  }

  /** For everybody. */
  end(): void {
    this.#do({ action: 'end' });
  }

  #do(act: Act): void {
    this.#send({ event: 'moderate', data: act });
  }
}
