import { Emitter } from '../emitter.ts';

interface Subscription {
  readonly participant: string; // id
  readonly track: string; // id
  readonly mid: string;
}

interface SubscriptionEvents {
  media: { readonly participant: string; readonly track: string; readonly media: MediaStreamTrack | undefined };
}

/** Which section brings which track (SPEC P37). Ids of received tracks differ between browsers; sections do not. */
export class Subscriptions extends Emitter<SubscriptionEvents> {
  readonly #all = new Map<string, Subscription>(); // by track

  handleSubscribed(subscription: Subscription): void {
    this.#all.set(subscription.track, subscription);
  }

  handleUnsubscribed(track: string): void {
    const subscription = this.#all.get(track);
    if (subscription === undefined) return;
    this.#all.delete(track);
    this.emit('media', { participant: subscription.participant, track, media: undefined });
  }

  /** After every answer: sections that came with it have their receivers now. */
  handleNegotiated(transceiver: (mid: string) => RTCRtpTransceiver | undefined): void {
    for (const { participant, track, mid } of this.#all.values()) {
      const media = transceiver(mid)?.receiver.track;
      if (media !== undefined) this.emit('media', { participant, track, media });
    }
  }

  /** A new connection begins with none. */
  reset(): void {
    this.#all.clear();
  }

  /** Receivers of the tracks that are subscribed now. */
  *receivers(transceiver: (mid: string) => RTCRtpTransceiver | undefined): Generator<Received> {
    for (const { participant, track, mid } of this.#all.values()) {
      const receiver = transceiver(mid)?.receiver;
      if (receiver !== undefined) yield { participant, track, receiver };
    }
  }
}

export interface Received {
  readonly participant: string;
  readonly track: string;
  readonly receiver: RTCRtpReceiver;
}
