import type { MediaPlane, WorkerId } from '../media/media-plane.ts';
import { hostCandidates } from '../negotiation/candidates.ts';
import { MAX_SECTIONS, Negotiation } from '../negotiation/negotiation.ts';
import type { Outlet } from '../session.ts';
import type { Identifiers } from './identifiers.ts';
import type { Member } from './member.ts';

/** Somebody who comes in: ids and passwords of their own, and nothing offered yet. */
export function newMember(plane: MediaPlane, worker: WorkerId, identifiers: Identifiers, outlet: Outlet): Member {
  const transport = identifiers.transport();
  const iceUfrag = identifiers.iceUfrag(transport);
  const icePwd = identifiers.icePwd();
  const candidates = hostCandidates(plane.workers[worker] ?? { addresses: [], tcp: false });
  const local = { sessionId: identifiers.sdpSession(), iceUfrag, icePwd, fingerprint: plane.fingerprint, candidates };
  return {
    id: identifiers.public(),
    worker,
    transport,
    iceUfrag,
    icePwd,
    negotiation: new Negotiation({
      local,
      maxSections: MAX_SECTIONS,
      randomSsrc: () => identifiers.ssrc(),
      simulcast: outlet.simulcast ?? false,
    }),
    outlet,
    media: 'none',
    subscriptions: new Map(),
    views: new Map(),
  };
}
