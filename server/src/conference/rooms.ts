import type { RoomSettings } from '@aqlinks/protocol';
import type {
  GroupId,
  Command as MediaCommand,
  MediaEvent,
  TrackId,
  TransportClosed,
  TransportId,
  WorkerId,
  WorkerStats,
} from '../media/media-plane.ts';
import type { Command } from '../room/inputs.ts';
import {
  type Grant,
  JoinRefused,
  type LiveParticipant,
  type Outlet,
  type QualityEvent,
  type Reading,
  RequestError,
  type RevokeFilter,
  type RoomControl,
  type Rooms,
  type RoomsDirectory,
  type RoomsOptions,
  type Session,
} from '../session.ts';
import { createControl } from './control.ts';
import { EmptyRooms, emptyTimeout } from './empty-rooms.ts';
import { Identifiers } from './identifiers.ts';
import { Meeting } from './meeting.ts';
import type { Member, Publication } from './member.ts';
import { newMember } from './new-member.ts';
import { NoDirectory } from './no-directory.ts';
import { Outbox } from './outbox.ts';
import { ByLoad } from './placement.ts';
import { Receipts } from './receipts.ts';
import { matches } from './revoked.ts';
import { keyOf, type RoomName } from './room-key.ts';
import { Seats } from './seats.ts';
import { Sound } from './sound.ts';
import { StatsCollector } from './stats-collector.ts';

const EXPIRY_NOTICE = 60_000; // ms
const MEASURE_INTERVAL = 2_000; // ms between two looks at how busy the workers are
const EXPIRY_GRACE = 30_000; // ms

/** The rooms of this process over one media plane, whose only listener it becomes. */
export function createRooms(options: RoomsOptions): Rooms {
  return new Conference(options);
}

class Conference implements Rooms {
  readonly #options: RoomsOptions;
  readonly #outbox: Outbox;
  readonly #placement: ByLoad;
  readonly #identifiers: Identifiers;
  readonly #stats: StatsCollector;
  readonly #directory: RoomsDirectory;
  readonly #meetings = new Map<string, Meeting>(); // by `keyOf`
  readonly #emptyRooms = new EmptyRooms();
  readonly #seats = new Seats();
  readonly #published = new Map<TrackId, Publication>();
  readonly #receipts = new Receipts();
  readonly #byGroup = new Map<GroupId, Meeting>();
  readonly #byTransport = new Map<TransportId, { readonly member: Member; readonly meeting: Meeting }>();
  #measureAt = 0; // ms
  #closed = false;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#directory = options.directory ?? new NoDirectory(options.now);
    this.#outbox = new Outbox(options.plane, options.log);
    this.#placement = new ByLoad(options.plane.workers.length);
    this.#identifiers = new Identifiers(options.random);
    this.#stats = new StatsCollector(options.plane);
    options.plane.onEvents(events => this.#handleEvents(events));
  }

  join(grant: Grant, outlet: Outlet): Session {
    const meeting = this.#entrance(grant);
    const member = newMember(this.#options.plane, this.#chooseWorker(meeting), this.#identifiers, outlet);
    meeting.join(member, grant);
    this.#meetings.set(keyOf(nameOf(meeting)), meeting);
    this.#emptyRooms.takeOver(nameOf(meeting));
    this.#seats.taken(grant, meeting.name);
    this.#byGroup.set(meeting.sound.group, meeting);
    this.#byTransport.set(member.transport, { member, meeting });
    this.#options.log.debug({ room: meeting.name, participant: member.id, worker: member.worker }, 'joined');
    this.#outbox.flush();
    return this.#session(meeting, member);
  }

  check(grant: Grant): void {
    this.#entrance(grant);
  }

  list(project?: string): { project: string; room: string; participants: number }[] {
    const all = [...this.#meetings.values()].filter(meeting => project === undefined || meeting.project === project);
    return all.map(meeting => ({ project: meeting.project, room: meeting.name, participants: meeting.size }));
  }

  participants(project: string, room: string): readonly LiveParticipant[] | undefined {
    return this.#meetings.get(keyOf({ project, room }))?.participants();
  }

  control(project: string, room: string): RoomControl | undefined {
    const meeting = this.#meetings.get(keyOf({ project, room }));
    if (meeting === undefined) return undefined;
    return createControl((act, by) => this.#flushing(() => this.#command(meeting, act, by)));
  }

  applySettings(project: string, room: string, settings: RoomSettings): void {
    const name = { project, room };
    this.#emptyRooms.configure(name, settings);
    this.#flushing(() => this.#meetings.get(keyOf(name))?.configure(settings, this.#directory.roles(project)));
  }

  rolesChanged(project: string): void {
    const roles = this.#directory.roles(project);
    this.#flushing(() => {
      for (const meeting of this.#meetings.values()) if (meeting.project === project) meeting.configure(meeting.settings, roles);
    });
  }

  revoke(filter: RevokeFilter, reason: string): number {
    if (Object.values(filter).every(value => value === undefined)) return 0;
    const revoked = this.#flushing(() => {
      let count = 0;
      for (const meeting of [...this.#meetings.values()]) count += meeting.revoke(grant => matches(grant, meeting, filter));
      return count;
    });
    if (revoked > 0) this.#options.log.info({ revoked, reason }, 'Took admissions back');
    return revoked;
  }

  tick(): void {
    const now = this.#options.now();
    this.#seats.tick(now);
    this.#emptyRooms.tick(now);
    for (const meeting of [...this.#meetings.values()]) this.#guarded(() => meeting.tick());
    this.#guarded(() => this.#outbox.flush());
    if (now >= this.#measureAt) this.#measure(now);
  }

  close(reconnectAfter: number): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const meeting of this.#meetings.values())
      meeting.end('server-shutdown', 'shuttingDown', { type: 'shutdown', reconnectAfter });
    this.#outbox.flush();
  }

  collectStats(): Promise<ReadonlyMap<WorkerId, WorkerStats>> {
    return this.#stats.collect();
  }

  async readings(): Promise<Reading[]> {
    const collected = await this.#stats.collect();
    return [...collected.values()].flatMap(({ transports }) =>
      transports.flatMap(stats => {
        const found = this.#byTransport.get(stats.transport);
        return found === undefined ? [] : [{ session: found.meeting.session, participant: found.member.id, stats }];
      }),
    );
  }

  /** The room that a grant leads to, if it lets its holder in now: else throws `JoinRefused`. Nothing is changed. */
  #entrance(grant: Grant): Meeting {
    if (this.#closed) throw new JoinRefused('shutting-down', 'This server ends: connect again in a moment.');
    const name = this.#seats.roomOf(grant, this.#options.now());
    const live = this.#meetings.get(keyOf(name));
    if (this.#directory.isBanned(name.project, name.room, grant.userId))
      throw new JoinRefused('banned', 'You were removed from this room and may not come back.');
    if (this.#byTransport.size >= this.#options.maxParticipants && live?.hasUser(grant.userId) !== true)
      throw new JoinRefused('server-full', `This server is full, with ${this.#options.maxParticipants} on it: try again later.`);
    const meeting = live ?? this.#newMeeting(name);
    meeting.check(grant);
    return meeting;
  }

  #newMeeting(name: RoomName): Meeting {
    const options = this.#options;
    const { maxParticipantsPerRoom, tokenExpiryNotice = EXPIRY_NOTICE, tokenExpiryGrace = EXPIRY_GRACE } = options;
    const { audioLoudestAbove: loudestAbove = Number.POSITIVE_INFINITY, audioLoudestCount: loudestCount = 1 } = options;
    const send = (command: MediaCommand) => {
      for (const worker of options.plane.workers.keys()) this.#outbox.command(worker, command);
    };
    const meeting: Meeting = new Meeting({
      room: {
        project: name.project,
        name: name.room,
        session: this.#identifiers.public(),
        maxParticipants: maxParticipantsPerRoom,
        expiry: { notice: tokenExpiryNotice, grace: tokenExpiryGrace },
        settings: this.#directory.settings(name.project, name.room) ?? {},
        roles: this.#directory.roles(name.project),
        memory: this.#emptyRooms.memoryOf(name, options.now()),
      },
      outbox: this.#outbox,
      placement: this.#placement,
      identifiers: this.#identifiers,
      sound: new Sound(this.#identifiers.group(), { loudestAbove, loudestCount }, send),
      directory: this.#directory,
      now: options.now,
      log: options.log,
      published: this.#published,
      receipts: this.#receipts,
      onDismissed: member => this.#forget(meeting, member),
      onRoomEvent: event => options.onRoomEvent?.(event),
    });
    return meeting;
  }

  #command(meeting: Meeting, act: Command, by: string | undefined): void {
    if (act.action === 'move') this.#prepareMove(meeting, act);
    meeting.command(act, by);
  }

  /** Whoever is moved must find a place there; their token leads there from now on. */
  #prepareMove(meeting: Meeting, act: Command & { readonly action: 'move' }): void {
    const grant = meeting.grantOf(act.participant);
    const name = { project: meeting.project, room: act.room };
    const target = this.#meetings.get(keyOf(name));
    if (target === meeting) throw new RequestError('invalid-data', 'They are in this room already.');
    if (target?.isFull === true) throw new RequestError('room-full', 'That room is full: nobody can be moved there.');
    const now = this.#options.now();
    if (target === undefined)
      this.#emptyRooms.expect(name, grant.userId, this.#directory.settings(name.project, name.room) ?? {}, now);
    else target.memory.remember(grant.userId, true);
    this.#seats.move(grant, act.room, now);
  }

  /** A single worker needs no choice. */
  #measure(now: number): void {
    this.#measureAt = now + MEASURE_INTERVAL;
    if (this.#options.plane.workers.length === 1) return;
    void this.#stats.collect().then(stats => {
      const at = this.#options.now();
      for (const [worker, { cpuSeconds }] of stats) this.#placement.measure(worker, at, cpuSeconds);
    });
  }

  #chooseWorker(meeting: Meeting): WorkerId {
    const others = [...this.#byTransport.values()].filter(other => other.meeting === meeting);
    const worker = this.#placement.choose(new Set(others.map(({ member }) => member.worker)));
    if (worker !== undefined) return worker;
    throw new JoinRefused('server-full', 'No media worker is left on this server: try another one, or later.');
  }

  #session(meeting: Meeting, member: Member): Session {
    const act = (action: () => void) => {
      if (meeting.has(member)) this.#flushing(action);
    };
    return {
      participant: member.id,
      answer: sdp => act(() => meeting.answer(member, sdp)),
      chat: text => act(() => meeting.chat(member, text)),
      restartIce: () => act(() => meeting.restartIce(member)),
      publish: source => act(() => meeting.publish(member, source)),
      unpublish: source => act(() => meeting.unpublish(member, source)),
      mute: (source, muted) => act(() => meeting.mute(member, source, muted)),
      moderate: moderation => act(() => meeting.moderate(member, moderation)),
      refresh: grant => act(() => meeting.refresh(member, grant)),
      view: (track, view) => act(() => meeting.view(member, track, view)),
      leave: reason => act(() => meeting.leave(member, reason)),
    };
  }

  #flushing<T>(action: () => T): T {
    try {
      return action();
    } finally {
      this.#outbox.flush();
    }
  }

  /** A room is gone with its last participant. */
  #forget(meeting: Meeting, member: Member): void {
    this.#byTransport.delete(member.transport);
    const name = nameOf(meeting);
    if (meeting.size === 0 && this.#meetings.get(keyOf(name)) === meeting) {
      const now = this.#options.now();
      this.#meetings.delete(keyOf(name));
      this.#byGroup.delete(meeting.sound.group);
      this.#emptyRooms.keep(name, meeting, now);
      this.#seats.emptied(name, now + emptyTimeout(meeting.settings));
    }
    this.#options.log.debug({ room: meeting.name, participant: member.id }, 'left');
  }

  #handleEvents(events: readonly MediaEvent[]): void {
    for (const event of events) this.#guarded(() => this.#handleEvent(event));
    this.#guarded(() => this.#outbox.flush());
  }

  /** The addon calls, and nobody is above it: a throw would end the process, and with it every other room. */
  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.log.error({ err: error }, 'A bug of aqlinks: please report it');
    }
  }

  #handleEvent(event: MediaEvent): void {
    switch (event.type) {
      case 'transport-connected': {
        const { transport, dtlsVersion, srtpProfile } = event;
        const member = this.#byTransport.get(transport)?.member;
        if (member !== undefined) member.media = 'connected';
        this.#tell(transport, { type: 'media-connected', protocol: event.protocol });
        this.#options.log.debug({ participant: member?.id, dtlsVersion, srtpProfile }, 'media connected');
        return;
      }
      case 'transport-closed':
        this.#handleTransportClosed(event.transport, event.reason);
        return;
      case 'layers-wanted': {
        const published = this.#published.get(event.track);
        if (published === undefined) return;
        this.#tell(published.owner.transport, { type: 'layers-wanted', source: published.source, layers: event.layers });
        this.#outbox.notify(published.owner.outlet, { type: 'layers', source: published.source, active: event.layers });
        return;
      }
      case 'subscription-changed': {
        const { member, publication } = this.#receipts.find(event.subscription) ?? {};
        if (member !== undefined && publication !== undefined) {
          const { owner, source } = publication;
          this.#tell(member.transport, { type: 'receiving', from: owner.id, source, current: event.current });
        }
        const told = this.#receipts.handleChanged(event.subscription, event.current);
        if (told !== undefined) this.#outbox.notify(told.to.outlet, told.notice);
        return;
      }
      case 'bandwidth':
        this.#tell(event.transport, { type: 'bandwidth', estimate: event.estimate, demand: event.demand });
        this.#options.log.debug({ participant: this.#byTransport.get(event.transport)?.member.id, ...event }, 'bandwidth');
        return;
      case 'speakers':
        this.#byGroup.get(event.group)?.hear(event.tracks);
        return;
      case 'track-started': // the answer has announced it already
        return;
      case 'stats':
        this.#stats.handleStats(event.worker, event.request, event.stats);
        return;
      case 'worker-failed':
        this.#handleWorkerFailed(event.worker, event.message);
        return;
    }
  }

  /** For whoever explains calls afterwards. */
  #tell(transport: TransportId, what: QualityOf<QualityEvent>): void {
    const found = this.#byTransport.get(transport);
    if (found === undefined) return;
    const { member, meeting } = found;
    const { project, name: room, session } = meeting;
    this.#options.onQualityEvent?.({ at: this.#options.now(), project, room, session, participant: member.id, ...what });
  }

  /** Unknown transports are those that we closed ourselves. */
  #handleTransportClosed(transport: TransportId, reason: TransportClosed): void {
    const found = this.#byTransport.get(transport);
    if (found === undefined) return;
    const { member, meeting } = found;
    this.#options.log.warn({ participant: member.id, reason }, 'the media connection ended');
    this.#tell(transport, { type: 'media-lost', reason });
    meeting.leave(member, reason === 'timeout' ? 'timeout' : 'disconnected', 'mediaFailed');
  }

  #handleWorkerFailed(worker: WorkerId, message: string): void {
    this.#options.log.error({ worker, cause: message }, 'a media worker failed: everyone on it is disconnected');
    this.#placement.fail(worker);
    this.#stats.handleFailed(worker);
    for (const { member, meeting } of [...this.#byTransport.values()])
      if (member.worker === worker) meeting.leave(member, 'disconnected', 'mediaFailed');
  }
}

/** Without where and whose it is. */
type QualityOf<T> = T extends QualityEvent ? Omit<T, 'at' | 'project' | 'room' | 'session' | 'participant'> : never;

const nameOf = ({ project, name }: Meeting): RoomName => ({ project, room: name });
