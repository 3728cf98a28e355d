import type { Source } from '@aqlinks/protocol';
import type { Command, SubscriptionId, TransportId, WorkerId } from '../media/media-plane.ts';
import type { Negotiation } from '../negotiation/negotiation.ts';
import type { Outlet } from '../session.ts';
import type { Relays } from './relays.ts';
import type { View } from './views.ts';

/** One participant's connection: where the room, its PeerConnection, its transport and its client meet. */
export interface Member {
  readonly id: string;
  readonly worker: WorkerId;
  readonly transport: TransportId;
  readonly iceUfrag: string;
  readonly icePwd: string;
  readonly negotiation: Negotiation;
  readonly outlet: Outlet;
  media: 'none' | 'connecting' | 'connected'; // none while it waits in the lobby
  readonly subscriptions: Map<string, SubscriptionId>; // by track, those that the media plane has
  readonly views: Map<string, View>; // by track, as its client said
}

/** A track, and what makes the media plane have it. */
export interface Publication {
  readonly owner: Member;
  readonly source: Source;
  readonly command: Command & { readonly type: 'publish-track' };
  readonly relays: Relays;
}
