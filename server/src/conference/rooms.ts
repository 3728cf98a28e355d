import type { MediaEvent, TransportClosed, TransportId, WorkerId, WorkerStats } from '../media/media-plane.ts';
import { hostCandidates } from '../negotiation/candidates.ts';
import { MAX_SECTIONS, Negotiation } from '../negotiation/negotiation.ts';
import { type Grant, JoinRefused, type Outlet, type Rooms, type RoomsOptions, type Session } from '../session.ts';
import { Identifiers } from './identifiers.ts';
import { Meeting, type Member } from './meeting.ts';
import { Outbox } from './outbox.ts';
import { LeastLoaded } from './placement.ts';
import { StatsCollector } from './stats-collector.ts';

/** The rooms of this process over one media plane, whose only listener it becomes. */
export function createRooms(options: RoomsOptions): Rooms {
  return new Conference(options);
}

class Conference implements Rooms {
  readonly #options: RoomsOptions;
  readonly #outbox: Outbox;
  readonly #placement: LeastLoaded;
  readonly #identifiers: Identifiers;
  readonly #stats: StatsCollector;
  readonly #meetings = new Map<string, Meeting>();
  readonly #byTransport = new Map<TransportId, { readonly member: Member; readonly meeting: Meeting }>();
  #closed = false;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.plane, options.log);
    this.#placement = new LeastLoaded(options.plane.workers.length);
    this.#identifiers = new Identifiers(options.random);
    this.#stats = new StatsCollector(options.plane);
    options.plane.onEvents(events => this.#handleEvents(events));
  }

  join(grant: Grant, outlet: Outlet): Session {
    this.check(grant);
    const meeting = this.#meetings.get(keyOf(grant)) ?? this.#newMeeting(grant);
    const member = this.#newMember(meeting.worker, outlet);
    meeting.join(member, grant);
    this.#meetings.set(keyOf(grant), meeting);
    this.#byTransport.set(member.transport, { member, meeting });
    this.#options.log.debug({ room: meeting.name, participant: member.id, worker: meeting.worker }, 'joined');
    this.#outbox.flush();
    return this.#session(meeting, member);
  }

  check(grant: Grant): void {
    if (this.#closed) throw new JoinRefused('shutting-down', 'This server ends: connect again in a moment.');
    const meeting = this.#meetings.get(keyOf(grant));
    if (this.#byTransport.size >= this.#options.maxParticipants && meeting?.hasUser(grant.userId) !== true)
      throw new JoinRefused('server-full', `This server is full, with ${this.#options.maxParticipants} on it: try again later.`);
    if (meeting === undefined) this.#chooseWorker();
    else meeting.check(grant.userId);
  }

  list(project?: string): { project: string; room: string; participants: number }[] {
    const all = [...this.#meetings.values()].filter(meeting => project === undefined || meeting.project === project);
    return all.map(meeting => ({ project: meeting.project, room: meeting.name, participants: meeting.size }));
  }

  participants(): undefined {
    return undefined;
  }

  control(): undefined {
    return undefined;
  }

  applySettings(): void {}

  rolesChanged(): void {}

  revoke(): number {
    return 0;
  }

  tick(): void {}

  close(reconnectAfter: number): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const meeting of this.#meetings.values()) meeting.end('shuttingDown', { type: 'shutdown', reconnectAfter });
    this.#outbox.flush();
  }

  collectStats(): Promise<ReadonlyMap<WorkerId, WorkerStats>> {
    return this.#stats.collect();
  }

  #newMeeting({ project, room }: Grant): Meeting {
    const worker = this.#chooseWorker();
    const meeting: Meeting = new Meeting({
      project,
      name: room,
      worker,
      maxParticipants: this.#options.maxParticipantsPerRoom,
      outbox: this.#outbox,
      placement: this.#placement,
      identifiers: this.#identifiers,
      now: this.#options.now,
      log: this.#options.log,
      onDismissed: member => this.#forget(meeting, member),
    });
    return meeting;
  }

  #chooseWorker(): WorkerId {
    const worker = this.#placement.choose();
    if (worker !== undefined) return worker;
    throw new JoinRefused('server-full', 'No media worker is left on this server: try another one, or later.');
  }

  #newMember(worker: WorkerId, outlet: Outlet): Member {
    const { plane } = this.#options;
    const identifiers = this.#identifiers;
    const transport = identifiers.transport();
    const iceUfrag = identifiers.iceUfrag(transport);
    const icePwd = identifiers.icePwd();
    const candidates = hostCandidates(plane.workers[worker] ?? { addresses: [], tcp: false });
    const local = { sessionId: identifiers.sdpSession(), iceUfrag, icePwd, fingerprint: plane.fingerprint, candidates };
    return {
      id: identifiers.public(),
      transport,
      iceUfrag,
      icePwd,
      negotiation: new Negotiation({ local, maxSections: MAX_SECTIONS, randomSsrc: () => identifiers.ssrc() }),
      outlet,
      subscriptions: new Map(),
    };
  }

  #session(meeting: Meeting, member: Member): Session {
    const act = (action: () => void) => {
      if (!meeting.has(member)) return;
      try {
        action();
      } finally {
        this.#outbox.flush();
      }
    };
    return {
      participant: member.id,
      answer: sdp => act(() => meeting.answer(member, sdp)),
      chat: text => act(() => meeting.chat(member, text)),
      restartIce: () => act(() => meeting.restartIce(member)),
      publish: source => act(() => meeting.publish(member, source)),
      unpublish: source => act(() => meeting.unpublish(member, source)),
      mute: (source, muted) => act(() => meeting.mute(member, source, muted)),
      leave: reason => act(() => meeting.leave(member, reason)),
    };
  }

  /** A room is gone with its last participant. */
  #forget(meeting: Meeting, member: Member): void {
    this.#byTransport.delete(member.transport);
    const key = keyOf({ project: meeting.project, room: meeting.name });
    if (meeting.size === 0 && this.#meetings.get(key) === meeting) this.#meetings.delete(key);
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
        const participant = this.#byTransport.get(transport)?.member.id;
        this.#options.log.debug({ participant, dtlsVersion, srtpProfile }, 'media connected');
        return;
      }
      case 'transport-closed':
        this.#handleTransportClosed(event.transport, event.reason);
        return;
      case 'layers-wanted':
      case 'subscription-changed':
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

  /** Unknown transports are those that we closed ourselves. */
  #handleTransportClosed(transport: TransportId, reason: TransportClosed): void {
    const found = this.#byTransport.get(transport);
    if (found === undefined) return;
    const { member, meeting } = found;
    this.#options.log.warn({ participant: member.id, reason }, 'the media connection ended');
    meeting.leave(member, reason === 'timeout' ? 'timeout' : 'disconnected', 'mediaFailed');
  }

  #handleWorkerFailed(worker: WorkerId, message: string): void {
    this.#options.log.error({ worker, cause: message }, 'a media worker failed: everyone on it is disconnected');
    this.#placement.fail(worker);
    this.#stats.handleFailed(worker);
    for (const meeting of this.#meetings.values()) if (meeting.worker === worker) meeting.end('mediaFailed');
  }
}

/** Neither part has control characters (`protocol/src/claims.ts`), so no two rooms share a key. */
const keyOf = ({ project, room }: Pick<Grant, 'project' | 'room'>) => `${project}\n${room}`;
