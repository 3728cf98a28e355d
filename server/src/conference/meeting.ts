import type { CloseName, LeaveReason, Moderation, RoleTable, RoomSettings, Source } from '@aqlinks/protocol';
import type { TrackId } from '../media/media-plane.ts';
import type { Change } from '../negotiation/negotiation.ts';
import type { Command as RoomCommand, RoomEffect, RoomInput } from '../room/inputs.ts';
import type { RoomMemory } from '../room/memory.ts';
import { asSeen, type Person } from '../room/person.ts';
import { Room } from '../room/room.ts';
import type { RoomOptions } from '../room/state.ts';
import type { Grant, LiveParticipant, Log, Notice, RoomEvent, RoomsDirectory } from '../session.ts';
import type { Identifiers } from './identifiers.ts';
import type { Member, Publication } from './member.ts';
import type { Outbox } from './outbox.ts';
import type { Placement } from './placement.ts';
import type { Receipts } from './receipts.ts';
import { Relays } from './relays.ts';
import type { Sound } from './sound.ts';
import { limitsOf, type View } from './views.ts';

/** What a meeting needs of the process. */
export interface MeetingOptions {
  readonly room: RoomOptions;
  readonly outbox: Outbox;
  readonly placement: Placement;
  readonly identifiers: Identifiers;
  readonly sound: Sound;
  readonly directory: RoomsDirectory;
  readonly now: () => number;
  readonly log: Log;
  readonly published: Map<TrackId, Publication>; // those that the media plane has, of all meetings
  readonly receipts: Receipts; // the same
  readonly onDismissed: (member: Member) => void;
  readonly onRoomEvent: (event: RoomEvent) => void;
}

/** A room at work: carries out what it decides with the transports of its members, on whatever workers they are. Only its own members can be reached through it. */
export class Meeting {
  readonly project: string;
  readonly session: string;
  readonly name: string;
  readonly sound: Sound;
  readonly #options: MeetingOptions;
  readonly #room: Room;
  readonly #members = new Map<string, Member>();
  readonly #tracks = new Map<string, Publication>(); // by the track's public id
  readonly #offered = new Map<string, Publication>(); // what the room has not decided about yet
  readonly #changed = new Set<Member>(); // whose sections may need an offer

  constructor(options: MeetingOptions) {
    this.project = options.room.project;
    this.session = options.room.session;
    this.name = options.room.name;
    this.sound = options.sound;
    this.#options = options;
    this.#room = new Room(options.room);
  }

  /** Those in the lobby included. */
  get size(): number {
    return this.#members.size;
  }

  get memory(): RoomMemory {
    return this.#room.memory;
  }

  get settings(): RoomSettings {
    return this.#room.settings;
  }

  get isFull(): boolean {
    return this.#room.isFull;
  }

  has(member: Member): boolean {
    return this.#members.get(member.id) === member;
  }

  hasUser(userId: string): boolean {
    return this.#room.hasUser(userId);
  }

  /** Those who are in, then those who wait. */
  participants(): LiveParticipant[] {
    const live = (person: Person, lobby: boolean): LiveParticipant => ({
      ...asSeen(person),
      email: person.grant.email,
      rights: [...person.rights],
      lobby,
      joinedAt: person.joinedAt,
      expiresAt: person.grant.expiresAt,
      key: person.grant.key,
      jti: person.grant.jti,
      connection: this.#members.get(person.id)?.media === 'connected' ? 'connected' : 'connecting',
    });
    return [
      ...[...this.#room.people].map(person => live(person, false)),
      ...[...this.#room.lobby].map(person => live(person, true)),
    ];
  }

  /** Throws `RequestError` if they are not here. */
  grantOf(participant: string): Grant {
    return this.#room.grantOf(participant);
  }

  /** Throws `JoinRefused`. */
  check(grant: Grant): void {
    this.#room.check(grant);
  }

  join(member: Member, grant: Grant): void {
    const effects = this.#room.handle(this.#options.now(), { type: 'join', participant: member.id, grant });
    this.#members.set(member.id, member);
    this.sound.resize(this.#members.size);
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
    outbox.command(member.worker, { type: 'restart-ice', transport, iceUfrag, icePwd });
    this.#changed.add(member);
    this.#offer();
  }

  publish(member: Member, source: Source): void {
    this.#room.checkPublish(member.id, source);
    const mid = member.negotiation.open(source);
    this.#notify(member, { type: 'publishing', source, mid });
    this.#changed.add(member);
    this.#offer();
  }

  unpublish(member: Member, source: Source): void {
    const effects = this.#room.handle(this.#options.now(), { type: 'unpublish', participant: member.id, source });
    member.negotiation.shut(source);
    this.#changed.add(member);
    this.#apply(effects);
    this.#offer();
  }

  mute(member: Member, source: Source, muted: boolean): void {
    this.#handle({ type: 'mute', participant: member.id, source, muted });
  }

  view(member: Member, name: string, view: View): void {
    const track = this.#tracks.get(name);
    if (track === undefined) return; // the two crossed
    member.views.set(name, view);
    const [subscription, limits] = [member.subscriptions.get(name), limitsOf(track.source, view)];
    if (subscription === undefined) return; // it will be told when it begins
    this.#options.outbox.command(member.worker, { type: 'configure-subscription', subscription, limits });
  }

  /** Who speaks, the dominant one first. */
  hear(tracks: readonly TrackId[]): void {
    const participants = tracks.flatMap(track => this.#options.published.get(track)?.owner.id ?? []);
    if (this.sound.hear(participants))
      for (const member of this.#members.values())
        if (member.media !== 'none') this.#notify(member, { type: 'speakers', participants });
  }

  chat(member: Member, text: string): void {
    this.#handle({ type: 'chat', participant: member.id, text });
  }

  leave(member: Member, reason: LeaveReason, close?: CloseName): void {
    this.#handle({ type: 'leave', participant: member.id, reason, close });
  }

  moderate(member: Member, act: Moderation): void {
    this.#handle({ type: 'moderate', participant: member.id, act });
  }

  refresh(member: Member, grant: Grant): void {
    this.#handle({ type: 'refresh', participant: member.id, grant });
  }

  /** By somebody outside who may everything. */
  command(act: RoomCommand, by?: string): void {
    this.#handle({ type: 'command', act, by });
  }

  configure(settings: RoomSettings, roles: RoleTable | undefined): void {
    this.#handle({ type: 'configure', settings, roles });
  }

  tick(): void {
    this.#handle({ type: 'tick' });
  }

  /** All whose grant this is true of leave. Answers how many. */
  revoke(test: (grant: Grant) => boolean): number {
    const revoked = [...this.#room.people, ...this.#room.lobby].filter(({ grant }) => test(grant));
    for (const { id } of revoked) this.#handle({ type: 'leave', participant: id, reason: 'revoked', close: 'revoked' });
    return revoked.length;
  }

  /** Ends it for all at once: nobody is told of the others. */
  end(reason: LeaveReason, close: CloseName, notice?: Notice): void {
    this.#handle({ type: 'close', reason, close, notice });
  }

  #handle(input: RoomInput): void {
    this.#apply(this.#room.handle(this.#options.now(), input));
    this.#offer();
  }

  #apply(effects: readonly RoomEffect[]): void {
    for (const effect of effects) this.#applyEffect(effect);
  }

  #applyEffect(effect: RoomEffect): void {
    const { outbox, directory, onRoomEvent } = this.#options;
    switch (effect.type) {
      case 'take-track':
        this.#takeTrack(effect.track);
        return;
      case 'end-track':
        this.#endTrack(effect.track);
        return;
      case 'hold': {
        const { owner, command } = this.#tracks.get(effect.track) ?? {};
        if (command !== undefined && owner !== undefined)
          outbox.command(owner.worker, { type: 'hold-track', track: command.track, held: effect.held });
        return;
      }
      case 'ban': {
        const { reason, until } = effect;
        const how = { ...(reason === undefined ? {} : { reason }), ...(until === undefined ? {} : { until }) };
        outbox.tell(() => directory.ban(this.project, this.name, effect.userId, how));
        return;
      }
      case 'event':
        outbox.tell(() => onRoomEvent(effect.event));
        return;
      default: {
        const member = this.#members.get('to' in effect ? effect.to : effect.participant);
        if (member !== undefined) this.#applyTo(member, effect);
      }
    }
  }

  #applyTo(member: Member, effect: Extract<RoomEffect, { readonly to: string } | { readonly participant: string }>): void {
    switch (effect.type) {
      case 'notify':
        this.#notify(member, effect.notice);
        return;
      case 'open':
        this.#open(member);
        return;
      case 'permit':
        member.negotiation.permit(effect.source);
        break;
      case 'shut':
        member.negotiation.shut(effect.source);
        break;
      case 'forward':
        member.negotiation.deliver({ stream: effect.from, track: effect.track.id, kind: effect.track.kind });
        break;
      case 'stop-forwarding':
        this.#unsubscribe(member, effect.track);
        member.views.delete(effect.track);
        member.negotiation.withdraw(effect.track);
        break;
      case 'dismiss':
        this.#dismiss(member, effect.close);
        return;
    }
    this.#changed.add(member);
  }

  #applyChange(member: Member, change: Change): void {
    const { outbox, identifiers, placement } = this.#options;
    const { transport } = member;
    switch (change.type) {
      case 'connect': {
        const { remote, extensions } = change;
        outbox.command(member.worker, { type: 'connect-transport', transport, ...remote, extensions });
        return;
      }
      case 'sending': {
        const { source, mid, kind, codecs, encodings } = change;
        const id = identifiers.public();
        const track = identifiers.track();
        const group = source === 'microphone' ? { group: this.sound.group } : {};
        const command = { type: 'publish-track' as const, transport, track, kind, mid, ...group, codecs, encodings };
        this.#offered.set(id, { owner: member, source, command, relays: new Relays(member.worker, command, outbox) });
        this.#apply(
          this.#room.handle(this.#options.now(), { type: 'publish', participant: member.id, track: { id, source, kind } }),
        );
        this.#offered.delete(id);
        return;
      }
      case 'stopped-sending':
        this.#apply(this.#room.handle(this.#options.now(), { type: 'unpublish', participant: member.id, source: change.source }));
        return;
      case 'receiving': {
        const { mid, codecs, outgoing } = change;
        const { stream: _, track: name, ...ssrcs } = outgoing;
        const track = this.#tracks.get(name);
        if (track === undefined) return;
        const subscription = identifiers.subscription();
        member.subscriptions.set(name, subscription);
        this.#options.receipts.add(subscription, member, name, track);
        placement.addLoad(member.worker, 1);
        const subscribe = { type: 'subscribe' as const, transport, subscription, track: track.command.track, mid, ...ssrcs };
        outbox.command(member.worker, { ...subscribe, codecs, limits: limitsOf(track.source, member.views.get(name)) });
        return;
      }
      case 'stopped-receiving':
        this.#unsubscribe(member, change.track);
        return;
    }
  }

  #open(member: Member): void {
    const { transport, iceUfrag, icePwd } = member;
    member.media = 'connecting';
    this.#options.outbox.command(member.worker, { type: 'open-transport', transport, iceUfrag, icePwd });
    this.#options.placement.addLoad(member.worker, 1);
    this.#changed.add(member);
    if (this.sound.speakers.length > 0) this.#notify(member, { type: 'speakers', participants: this.sound.speakers });
  }

  /** Of a track that has ended the media plane has ended the subscription already. */
  #unsubscribe(member: Member, track: string): void {
    const subscription = member.subscriptions.get(track);
    if (subscription === undefined) return;
    member.subscriptions.delete(track);
    this.#options.receipts.remove(subscription);
    this.#options.placement.addLoad(member.worker, -1);
    if (this.#tracks.has(track)) this.#options.outbox.command(member.worker, { type: 'unsubscribe', subscription });
  }

  #takeTrack(name: string): void {
    const publication = this.#offered.get(name);
    if (publication === undefined) return;
    this.#tracks.set(name, publication);
    this.#options.published.set(publication.command.track, publication);
    this.#options.outbox.command(publication.owner.worker, publication.command);
  }

  /** With its transport a track is gone already. */
  #endTrack(name: string): void {
    const track = this.#tracks.get(name);
    if (track === undefined) return;
    this.#tracks.delete(name);
    const { owner, command } = track;
    this.#options.published.delete(command.track);
    if (this.has(owner)) this.#options.outbox.command(owner.worker, { type: 'unpublish-track', track: command.track });
    track.relays.end();
  }

  #dismiss(member: Member, close: CloseName | undefined): void {
    const { outbox, placement, receipts, onDismissed } = this.#options;
    this.#members.delete(member.id);
    receipts.forget(member);
    this.#changed.delete(member);
    this.sound.resize(this.#members.size);
    if (member.media !== 'none') {
      outbox.command(member.worker, { type: 'close-transport', transport: member.transport });
      placement.addLoad(member.worker, -1 - member.subscriptions.size);
    }
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
