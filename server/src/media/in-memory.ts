import type {
  Command,
  Fingerprint,
  MediaEvent,
  MediaPlane,
  SubscriptionId,
  TrackId,
  TransportClosed,
  TransportId,
  WorkerAddresses,
  WorkerId,
  WorkerStats,
} from './media-plane.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

export interface InMemoryTransport {
  readonly worker: WorkerId;
  opened: Of<'open-transport'>; // with the credentials of the last restart
  connected: Of<'connect-transport'> | undefined;
}

/**
 * A media plane that moves nothing: it keeps what it was told in three tables and refuses, by throwing, what a correct
 * control plane never sends (an id used twice, one that never was, a subscription across workers or to oneself).
 */
export class InMemoryMediaPlane implements MediaPlane {
  readonly fingerprint: Fingerprint = { algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') };
  readonly workers: readonly WorkerAddresses[];

  readonly transports = new Map<TransportId, InMemoryTransport>();
  readonly tracks = new Map<TrackId, Of<'publish-track'>>();
  readonly subscriptions = new Map<SubscriptionId, Of<'subscribe'>>();
  readonly held = new Set<TrackId>();
  /** By worker, the tracks that others hand over to it; by track, the workers that it goes to. */
  readonly copies = new Map<WorkerId, Map<TrackId, Of<'receive-track'>>>();
  readonly relays = new Map<TrackId, Set<WorkerId>>();
  /** What each worker says that it has used. */
  readonly cpuSeconds = new Map<WorkerId, number>();

  #used = { transport: new Set<number>(), track: new Set<number>(), subscription: new Set<number>() };
  #listener: ((events: readonly MediaEvent[]) => void) | undefined;
  #events: MediaEvent[] = [];
  #closed = false;

  constructor(workers = 1) {
    this.workers = Array.from({ length: workers }, (_, index) => ({
      tcp: true,
      addresses: [
        { ip: '127.0.0.1', port: 40_000 + index },
        { ip: '192.0.2.1', port: 40_000 + index },
        { ip: '2001:db8::1', port: 40_000 + index },
      ],
    }));
  }

  send(worker: WorkerId, commands: readonly Command[]): void {
    if (this.#closed) return;
    if (this.workers[worker] === undefined) throw new Error(`There is no worker ${worker}.`);
    for (const command of commands) this.#carryOut(worker, command);
  }

  onEvents(listener: (events: readonly MediaEvent[]) => void): void {
    if (this.#listener !== undefined) throw new Error('The media plane has a listener already.');
    this.#listener = listener;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#events = [];
    this.transports.clear();
    this.tracks.clear();
    this.subscriptions.clear();
    this.copies.clear();
    this.relays.clear();
  }

  /** Tells the listener, with all that is told in the same turn. */
  emit(event: MediaEvent): void {
    if (this.#closed) return;
    if (this.#events.push(event) > 1) return;
    queueMicrotask(() => {
      const events = this.#events;
      this.#events = [];
      if (events.length > 0) this.#listener?.(events);
    });
  }

  /** What happens when the peer's side ends a transport. */
  loseTransport(id: TransportId, reason: Exclude<TransportClosed, 'closed'>): void {
    this.#endTransport(id, reason);
  }

  /** What happens when a worker's socket is gone. */
  failWorker(worker: WorkerId): void {
    for (const [id, transport] of this.transports) if (transport.worker === worker) this.#remove(id);
    this.copies.delete(worker);
    this.emit({ type: 'worker-failed', worker, message: 'told to fail' });
  }

  #carryOut(worker: WorkerId, command: Command): void {
    switch (command.type) {
      case 'open-transport':
        this.#use('transport', command.transport);
        for (const { opened } of this.transports.values())
          if (opened.iceUfrag === command.iceUfrag) throw new Error(`The ufrag ${command.iceUfrag} is used twice.`);
        this.transports.set(command.transport, { worker, opened: command, connected: undefined });
        return;
      case 'connect-transport': {
        const transport = this.#transport(worker, command.transport);
        if (transport !== undefined) transport.connected = command;
        return;
      }
      case 'restart-ice': {
        for (const { opened } of this.transports.values())
          if (opened.iceUfrag === command.iceUfrag) throw new Error(`The ufrag ${command.iceUfrag} is used twice.`);
        const transport = this.#transport(worker, command.transport);
        const { iceUfrag, icePwd } = command;
        if (transport !== undefined) transport.opened = { ...transport.opened, iceUfrag, icePwd };
        return;
      }
      case 'close-transport':
        this.#expectUsed('transport', command.transport);
        this.#endTransport(command.transport, 'closed');
        return;
      case 'publish-track':
        this.#use('track', command.track);
        if (command.encodings.length === 0 || command.codecs.length === 0)
          throw new Error('A track needs an encoding and a codec.');
        if (this.#transport(worker, command.transport) !== undefined) this.tracks.set(command.track, command);
        return;
      case 'unpublish-track':
        this.#expectUsed('track', command.track);
        this.#unpublish(worker, command.track);
        return;
      case 'relay-track':
      case 'stop-relaying':
        this.#relay(worker, command);
        return;
      case 'receive-track':
        this.#receive(worker, command);
        return;
      case 'hold-track':
        this.#expectUsed('track', command.track);
        if (command.held && this.tracks.has(command.track)) this.held.add(command.track);
        else this.held.delete(command.track);
        return;
      case 'subscribe':
        this.#subscribe(worker, command);
        return;
      case 'configure-group':
        return;
      case 'configure-subscription':
        this.#configure(command);
        return;
      case 'unsubscribe':
        this.#expectUsed('subscription', command.subscription);
        this.subscriptions.delete(command.subscription);
        return;
      case 'collect-stats':
        this.emit({ type: 'stats', worker, request: command.request, stats: this.#stats(worker) });
        return;
    }
  }

  #subscribe(worker: WorkerId, command: Of<'subscribe'>): void {
    this.#use('subscription', command.subscription);
    this.#expectUsed('track', command.track);
    const transport = this.#transport(worker, command.transport);
    const track = this.tracks.get(command.track);
    if (transport === undefined || track === undefined) return; // one of them is gone already
    if (track.transport === command.transport) throw new Error('A transport was subscribed to its own track.');
    if (this.#workerOf(track) !== worker && this.copies.get(worker)?.has(command.track) !== true)
      throw new Error('A subscription spans two workers.');
    const ssrcs = [...this.subscriptions.values()].filter(other => other.transport === command.transport).flatMap(ssrcsOf);
    if (ssrcsOf(command).some(ssrc => ssrcs.includes(ssrc))) throw new Error('An SSRC is used twice on one transport.');
    this.subscriptions.set(command.subscription, command);
  }

  #relay(worker: WorkerId, { type, track: id, to }: Of<'relay-track' | 'stop-relaying'>): void {
    this.#expectUsed('track', id);
    if (to === worker || this.workers[to] === undefined) throw new Error(`Worker ${worker} cannot hand over to ${to}.`);
    const track = this.tracks.get(id);
    if (track === undefined) return; // it is gone already
    if (this.#workerOf(track) !== worker) throw new Error(`The publisher of track ${id} is on another worker.`);
    const relays = this.relays.get(id) ?? new Set();
    if (type === 'stop-relaying') relays.delete(to);
    else if (relays.has(to)) throw new Error(`Track ${id} is handed over to ${to} twice.`);
    else this.relays.set(id, relays.add(to));
  }

  #receive(worker: WorkerId, command: Of<'receive-track'>): void {
    this.#expectUsed('track', command.track);
    if (command.from === worker) throw new Error('A worker receives a track from itself.');
    const copies = this.copies.get(worker) ?? new Map<TrackId, Of<'receive-track'>>();
    if (copies.has(command.track)) throw new Error(`Worker ${worker} has a copy of track ${command.track} already.`);
    this.copies.set(worker, copies.set(command.track, command));
  }

  /** The track itself, or this worker's copy of it. */
  #unpublish(worker: WorkerId, id: TrackId): void {
    const track = this.tracks.get(id);
    if (track !== undefined && this.#workerOf(track) === worker) this.#endTrack(id);
    else if (this.copies.get(worker)?.delete(id) === true) this.#endSubscriptions(worker, id);
  }

  #workerOf({ transport }: Of<'publish-track'>): WorkerId | undefined {
    return this.transports.get(transport)?.worker;
  }

  #configure({ subscription: id, limits }: Of<'configure-subscription'>): void {
    this.#expectUsed('subscription', id);
    const subscription = this.subscriptions.get(id);
    if (subscription !== undefined) this.subscriptions.set(id, { ...subscription, limits });
  }

  #transport(worker: WorkerId, id: TransportId): InMemoryTransport | undefined {
    this.#expectUsed('transport', id);
    const transport = this.transports.get(id);
    if (transport !== undefined && transport.worker !== worker) throw new Error(`Transport ${id} is on another worker.`);
    return transport;
  }

  #endTransport(id: TransportId, reason: TransportClosed): void {
    const transport = this.transports.get(id);
    if (transport === undefined) return;
    this.#remove(id);
    this.emit({ type: 'transport-closed', worker: transport.worker, transport: id, reason });
  }

  #remove(id: TransportId): void {
    this.transports.delete(id);
    for (const [track, { transport }] of this.tracks) if (transport === id) this.#endTrack(track);
    for (const [subscription, { transport }] of this.subscriptions) if (transport === id) this.subscriptions.delete(subscription);
  }

  /** Its copies on other workers are ended one by one. */
  #endTrack(id: TrackId): void {
    const track = this.tracks.get(id);
    if (track === undefined) return;
    this.tracks.delete(id);
    this.held.delete(id);
    this.relays.delete(id);
    const copied = [...this.copies].flatMap(([worker, copies]) => (copies.has(id) ? [worker] : []));
    for (const worker of this.workers.keys()) if (!copied.includes(worker)) this.#endSubscriptions(worker, id);
  }

  #endSubscriptions(worker: WorkerId, id: TrackId): void {
    for (const [subscription, { track, transport }] of this.subscriptions)
      if (track === id && this.transports.get(transport)?.worker === worker) this.subscriptions.delete(subscription);
  }

  #use(what: 'transport' | 'track' | 'subscription', id: number): void {
    if (!Number.isInteger(id) || id < 1 || id > 0xffff_ffff) throw new Error(`${id} is no id of a ${what}.`);
    if (this.#used[what].has(id)) throw new Error(`The ${what} ${id} was used before.`);
    this.#used[what].add(id);
  }

  #expectUsed(what: 'transport' | 'track' | 'subscription', id: number): void {
    if (!this.#used[what].has(id)) throw new Error(`There never was a ${what} ${id}.`);
  }

  #stats(worker: WorkerId): WorkerStats {
    const ids = [...this.transports].filter(([, transport]) => transport.worker === worker).map(([id]) => id);
    const transport = {
      packetsReceived: 0,
      packetsSent: 0,
      bytesReceived: 0,
      bytesSent: 0,
      packetsLost: 0,
      remotePacketsLost: 0,
    };
    return {
      ...NO_STATS,
      cpuSeconds: this.cpuSeconds.get(worker) ?? 0,
      transports: ids.map(id => ({
        ...transport,
        transport: id,
        nacksReceived: 0,
        nacksSent: 0,
        keyFramesRequested: 0,
        demand: 0,
      })),
    };
  }
}

function ssrcsOf(command: Of<'subscribe'>): number[] {
  return command.rtxSsrc === undefined ? [command.ssrc] : [command.ssrc, command.rtxSsrc];
}

const NO_STATS: Omit<WorkerStats, 'transports' | 'cpuSeconds'> = {
  datagramsReceived: 0,
  datagramsSent: 0,
  bytesReceived: 0,
  bytesSent: 0,
  sendCalls: 0,
  receiveCalls: 0,
  packetsForwarded: 0,
  keyFramesRequested: 0,
  nacksReceived: 0,
  nacksSent: 0,
  retransmissionsSent: 0,
  dropped: {
    unknownAddress: 0,
    badStun: 0,
    badDtls: 0,
    badRtp: 0,
    badRtcp: 0,
    unauthenticated: 0,
    replayed: 0,
    unknownSsrc: 0,
    relayFull: 0,
    tooLate: 0,
    sendBufferFull: 0,
  },
};
