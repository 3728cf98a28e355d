import { Emitter } from '../emitter.ts';
import { IceRecovery } from './ice-recovery.ts';

interface NegotiatorEvents {
  /** To be sent to the server: the SDP. */
  answer: string;
  /** An offer was answered; the sections are as `transceiver` finds them. */
  negotiated: undefined;
  /** ICE and DTLS are done: media can flow. */
  connected: undefined;
  /** The path to the server is lost: ask it to restart ICE. */
  restart: undefined;
  /** This connection is of no use any more. Said once. */
  failed: undefined;
}

/** Puts what we send into the sections of an offer, between taking it and answering it. */
export type Prepare = (connection: RTCPeerConnection) => Promise<void>;

/** Answers the server's offers on one RTCPeerConnection, one after the other (SPEC P14). */
export class Negotiator extends Emitter<NegotiatorEvents> {
  readonly connection: RTCPeerConnection;
  readonly #prepare: Prepare;
  readonly #recovery: IceRecovery;
  #last: Promise<void> = Promise.resolve();
  #done = false;

  constructor(connection: RTCPeerConnection, prepare: Prepare) {
    super();
    this.connection = connection;
    this.#prepare = prepare;
    connection.addEventListener('connectionstatechange', () => {
      if (connection.connectionState === 'connected') this.emit('connected', undefined);
      // Where ICE has failed, the recovery decides.
      if (connection.connectionState === 'failed' && connection.iceConnectionState !== 'failed') this.#fail();
    });
    this.#recovery = new IceRecovery(connection);
    this.#recovery.on('restart', () => this.emit('restart', undefined));
    this.#recovery.on('lost', () => this.#fail());
  }

  /** `data` of an `offer`: JSON of an RTCSessionDescriptionInit. */
  handleOffer(data: string): void {
    this.#last = this.#last.then(() => this.#answer(data)).catch(() => this.#fail());
  }

  /** `data` of a `candidate`. One that the browser does not take is not worth a word: the offer has them all. */
  handleCandidate(data: string): void {
    this.#last = this.#last.then(() => this.connection.addIceCandidate(JSON.parse(data))).catch(() => undefined);
  }

  /** The transceiver of a section, by its mid. */
  transceiver(mid: string): RTCRtpTransceiver | undefined {
    return this.connection.getTransceivers().find(transceiver => transceiver.mid === mid);
  }

  handleNetworkChanged(): void {
    this.#recovery.handleNetworkChanged();
  }

  /** Idempotent; no event comes after it. */
  close(): void {
    this.#done = true;
    this.#recovery.stop();
    this.connection.close();
  }

  async #answer(data: string): Promise<void> {
    if (this.#done) return;
    await this.connection.setRemoteDescription(JSON.parse(data));
    await this.#prepare(this.connection);
    await this.connection.setLocalDescription(await this.connection.createAnswer());
    const sdp = this.connection.localDescription?.sdp;
    if (this.#done || sdp === undefined) return;
    this.emit('answer', sdp);
    this.emit('negotiated', undefined);
  }

  #fail(): void {
    if (this.#done) return;
    this.#done = true;
    this.#recovery.stop();
    this.emit('failed', undefined);
  }
}
