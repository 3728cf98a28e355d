import type { CloseName, LeaveReason, Source } from '@aqlinks/protocol';
import type { SubscriptionId, TrackId, TransportId, WorkerId } from '../media/media-plane.ts';
import type { Change, Negotiation } from '../negotiation/negotiation.ts';
import { Room, type RoomEffect, type RoomInput } from '../room/room.ts';
import type { Grant, Log, Notice, Outlet } from '../session.ts';
import type { Identifiers } from './identifiers.ts';
import type { Outbox } from './outbox.ts';
import type { Placement } from './placement.ts';

/** One participant's connection: where the room, its PeerConnection, its transport and its client meet. */
export interface Member {
  readonly id: string;
  readonly transport: TransportId;
  readonly iceUfrag: string;
  readonly icePwd: string;
  readonly negotiation: Negotiation;
  readonly outlet: Outlet;
  readonly subscriptions: Map<string, SubscriptionId>; // by track, those that the media plane has
}

/** What a meeting needs of the process. */
export interface MeetingOptions {
  readonly project: string;
  readonly name: string;
  readonly worker: WorkerId;
  readonly maxParticipants: number;
  readonly outbox: Outbox;
  readonly placement: Placement;
  readonly identifiers: Identifiers;
  readonly now: () => number;
  readonly log: Log;
  readonly onDismissed: (member: Member) => void;
}

/** A room at work: carries out what it decides with the transports of one worker. Only its own members can be reached through it. */
export class Meeting {
  readonly project: string;
  readonly name: string;
  readonly worker: WorkerId;
  readonly #options: MeetingOptions;
  readonly #room: Room;
  readonly #members = new Map<string, Member>();
  readonly #tracks = new Map<string, { readonly id: TrackId; readonly owner: Member }>(); // by the track's public id
  readonly #changed = new Set<Member>(); // whose sections may need an offer

  constructor(options: MeetingOptions) {
    this.project = options.project;
    this.name = options.name;
    this.worker = options.worker;
    this.#options = options;
    this.#room = new Room(options.name, options.maxParticipants);
  }

  get size(): number {
    return this.#members.size;
  }

  has(member: Member): boolean {
    return this.#members.get(member.id) === member;
  }

  hasUser(userId: string): boolean {
    return this.#room.hasUser(userId);
  }

  /** Throws `JoinRefused`. */
  check(userId: string): void {
    this.#room.check(userId);
  }

  join(member: Member, grant: Grant): void {
    const effects = this.#room.handle(this.#options.now(), { type: 'join', participant: member.id, grant });
    this.#members.set(member.id, member);
    const { transport, iceUfrag, icePwd } = member;
    this.#options.outbox.command(this.worker, { type: 'open-transport', transport, iceUfrag, icePwd });
    this.#options.placement.addLoad(this.worker, 1);
    this.#changed.add(member);
    this.#apply(effects);
    this.#offer();
  }

  answer(member: Member, sdp: string): void {
    const changes = member.negotiation.answer(sdp);
    this.#changed.add(member);
    for (const change of changes) this.#applyChange(member, change);
    this.#offer();
  }

  /** The peer's network has changed: the same transport, found anew. */
  restartIce(member: Member): void {
    const { outbox, identifiers } = this.#options;
    const { transport } = member;
    const iceUfrag = identifiers.iceUfrag(transport);
    const icePwd = identifiers.icePwd();
    if (!member.negotiation.restartIce(iceUfrag, icePwd)) return;
    outbox.command(this.worker, { type: 'restart-ice', transport, iceUfrag, icePwd });
    this.#changed.add(member);
    this.#offer();
  }

  publish(member: Member, source: Source): void {
    const mid = member.negotiation.open(source);
    this.#notify(member, { type: 'publishing', source, mid });
    this.#changed.add(member);
    this.#offer();
  }

  unpublish(member: Member, source: Source): void {
    member.negotiation.shut(source);
    this.#changed.add(member);
    this.#handle({ type: 'unpublish', participant: member.id, source });
  }

  mute(member: Member, source: Source, muted: boolean): void {
    this.#handle({ type: 'mute', participant: member.id, source, muted });
  }

  chat(member: Member, text: string): void {
    this.#handle({ type: 'chat', participant: member.id, text });
  }

  leave(member: Member, reason: LeaveReason, close?: CloseName): void {
    this.#handle({ type: 'leave', participant: member.id, reason, close });
  }

  /** Ends it for all at once: nobody is told of the others. */
  end(close: CloseName, notice?: Notice): void {
    for (const member of this.#members.values()) {
      if (notice !== undefined) this.#notify(member, notice);
      this.#dismiss(member, close);
    }
  }

  #handle(input: RoomInput): void {
    this.#apply(this.#room.handle(this.#options.now(), input));
    this.#offer();
  }

  #apply(effects: readonly RoomEffect[]): void {
    for (const effect of effects) this.#applyEffect(effect);
  }

  #applyEffect(effect: RoomEffect): void {
    if (effect.type === 'end-track') {
      this.#endTrack(effect.track);
      return;
    }
    const member = this.#members.get(effect.type === 'dismiss' ? effect.participant : effect.to);
    if (member === undefined) return;
    switch (effect.type) {
      case 'notify':
        this.#notify(member, effect.notice);
        return;
      case 'forward':
        member.negotiation.deliver({ stream: effect.from, track: effect.track.id, kind: effect.track.kind });
        this.#changed.add(member);
        return;
      case 'stop-forwarding': // the media plane ends the subscription with the track
        if (member.subscriptions.delete(effect.track)) this.#options.placement.addLoad(this.worker, -1);
        member.negotiation.withdraw(effect.track);
        this.#changed.add(member);
        return;
      case 'dismiss':
        this.#dismiss(member, effect.close);
        return;
    }
  }

  #applyChange(member: Member, change: Change): void {
    const { outbox, identifiers, placement } = this.#options;
    const { transport } = member;
    switch (change.type) {
      case 'connect': {
        const { remote, extensions } = change;
        outbox.command(this.worker, { type: 'connect-transport', transport, ...remote, extensions });
        return;
      }
      case 'sending': {
        const { source, mid, kind, codecs, encodings } = change;
        const id = identifiers.public();
        const track = identifiers.track();
        this.#tracks.set(id, { id: track, owner: member });
        outbox.command(this.worker, { type: 'publish-track', transport, track, kind, mid, codecs, encodings });
        this.#apply(
          this.#room.handle(this.#options.now(), { type: 'publish', participant: member.id, track: { id, source, kind } }),
        );
        return;
      }
      case 'stopped-sending':
        this.#apply(this.#room.handle(this.#options.now(), { type: 'unpublish', participant: member.id, source: change.source }));
        return;
      case 'receiving': {
        const { track: name, ssrc, rtxSsrc } = change.outgoing;
        const track = this.#tracks.get(name);
        if (track === undefined) return;
        const subscription = identifiers.subscription();
        member.subscriptions.set(name, subscription);
        placement.addLoad(this.worker, 1);
        outbox.command(this.worker, {
          type: 'subscribe',
          transport,
          subscription,
          track: track.id,
          mid: change.mid,
          ssrc,
          ...(rtxSsrc === undefined ? {} : { rtxSsrc }),
          codecs: change.codecs,
        });
        return;
      }
      case 'stopped-receiving': {
        const subscription = member.subscriptions.get(change.track);
        if (subscription === undefined) return;
        member.subscriptions.delete(change.track);
        placement.addLoad(this.worker, -1);
        outbox.command(this.worker, { type: 'unsubscribe', subscription });
        return;
      }
    }
  }

  /** With its transport a track is gone already. */
  #endTrack(name: string): void {
    const track = this.#tracks.get(name);
    if (track === undefined) return;
    this.#tracks.delete(name);
    if (this.has(track.owner)) this.#options.outbox.command(this.worker, { type: 'unpublish-track', track: track.id });
  }

  #dismiss(member: Member, close: CloseName | undefined): void {
    const { outbox, placement, onDismissed } = this.#options;
    this.#members.delete(member.id);
    this.#changed.delete(member);
    outbox.command(this.worker, { type: 'close-transport', transport: member.transport });
    placement.addLoad(this.worker, -1 - member.subscriptions.size);
    if (close !== undefined) outbox.close(member.outlet, close);
    onDismissed(member);
  }

  /** All changes of one input go into one offer each. */
  #offer(): void {
    for (const member of this.#changed) {
      const offer = member.negotiation.nextOffer();
      if (offer === undefined) continue;
      if (offer.waiting > 0)
        this.#options.log.warn({ participant: member.id, waiting: offer.waiting }, 'tracks wait for a free m-section');
      for (const { track, mid } of offer.unsubscribed) this.#notify(member, { type: 'unsubscribed', track, mid });
      for (const { stream, track, mid } of offer.subscribed)
        this.#notify(member, { type: 'subscribed', participant: stream, track, mid });
      this.#notify(member, { type: 'offer', sdp: offer.sdp });
    }
    this.#changed.clear();
  }

  #notify(member: Member, notice: Notice): void {
    this.#options.outbox.notify(member.outlet, notice);
  }
}
