/** Makes all ids: counted ones for the media plane, random ones for what clients see. */
export class Identifiers {
  readonly #random: (bytes: number) => Uint8Array;
  #transport = 0;
  #track = 0;
  #subscription = 0;
  #group = 0;

  constructor(random: (bytes: number) => Uint8Array) {
    this.#random = random;
  }

  transport(): number {
    return ++this.#transport;
  }

  track(): number {
    return ++this.#track;
  }

  group(): number {
    return ++this.#group;
  }

  subscription(): number {
    return ++this.#subscription;
  }

  /** Of participants and tracks: 16 characters that may stand in `a=msid` (RFC 8830 2). */
  public(): string {
    return Buffer.from(this.#random(12)).toString('base64url');
  }

  ssrc(): number {
    return Buffer.from(this.#random(4)).readUInt32BE();
  }

  /** Unique in the process by the transport's number, not to be guessed by the rest (RFC 8445 5.3). */
  iceUfrag(transport: number): string {
    return Buffer.from(this.#random(6)).toString('base64') + transport.toString(36);
  }

  icePwd(): string {
    return Buffer.from(this.#random(24)).toString('base64');
  }

  /** Of o= in SDP: below 2^63 (RFC 8829 5.2.1). */
  sdpSession(): string {
    return String(Buffer.from(this.#random(8)).readBigUInt64BE() >> 1n);
  }
}
