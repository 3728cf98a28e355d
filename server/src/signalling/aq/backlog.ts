/** Of one client, in characters. Clients acknowledge every few seconds, so that little is held; an offer in a large room is the most. */
const MAX_LENGTH = 1024 * 1024;
const MAX_MESSAGES = 1_000;

/** The last messages that a client may not have got, so that it can go on where its socket broke. Counted from the first one ever sent. */
export class Backlog {
  readonly #held: string[] = [];
  #begin = 0; // messages before the first one held
  #length = 0;

  push(text: string): void {
    this.#held.push(text);
    this.#length += text.length;
    while (this.#length > MAX_LENGTH || this.#held.length > MAX_MESSAGES) this.#drop();
  }

  /** The client has the first `count` messages. Nonsense is ignored. */
  acknowledge(count: number): void {
    while (this.#begin < count && this.#held.length > 0) this.#drop();
  }

  /** What follows the first `count` messages; undefined: they are not all there any more, or never were so many. */
  after(count: number): readonly string[] | undefined {
    if (count < this.#begin || count > this.#begin + this.#held.length) return undefined;
    return this.#held.slice(count - this.#begin);
  }

  #drop(): void {
    this.#length -= this.#held.shift()?.length ?? 0;
    this.#begin += 1;
  }
}
