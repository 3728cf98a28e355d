import type { SubscriptionId, Target } from '../media/media-plane.ts';
import type { Notice } from '../session.ts';
import type { Member, Publication } from './member.ts';

interface Receipt {
  readonly member: Member;
  readonly track: string;
  readonly publication: Publication;
  paused: boolean; // as its client was told
}

/** Who receives what, by the media plane's subscription, and what of it is paused for want of room in the viewer's network. */
export class Receipts {
  readonly #receipts = new Map<SubscriptionId, Receipt>();

  /** Before the subscription: on another worker there must be a copy of the track. */
  add(subscription: SubscriptionId, member: Member, track: string, publication: Publication): void {
    publication.relays.add(member.worker);
    this.#receipts.set(subscription, { member, track, publication, paused: false });
  }

  remove(subscription: SubscriptionId): void {
    const receipt = this.#receipts.get(subscription);
    this.#receipts.delete(subscription);
    receipt?.publication.relays.remove(receipt.member.worker);
  }

  forget(member: Member): void {
    for (const subscription of member.subscriptions.values()) this.remove(subscription);
  }

  /** Who is sent what by this subscription. */
  find(subscription: SubscriptionId): Pick<Receipt, 'member' | 'publication'> | undefined {
    return this.#receipts.get(subscription);
  }

  /** What is to be said to whom. A client that does not show a video need not be told that it does not come. */
  handleChanged(subscription: SubscriptionId, current: Target): { readonly to: Member; readonly notice: Notice } | undefined {
    const receipt = this.#receipts.get(subscription);
    if (receipt === undefined) return undefined;
    const { member, track, publication } = receipt;
    const view = member.views.get(track);
    const paused = current.type === 'paused';
    if (paused === receipt.paused || (paused && (view?.width === 0 || view?.height === 0))) return undefined;
    receipt.paused = paused;
    return { to: member, notice: { type: 'track-paused', participant: publication.owner.id, track, paused, reason: 'network' } };
  }
}
