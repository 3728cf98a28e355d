import type { LeaveReason, Moderation } from '@aqlinks/protocol';
import {
  type Grant,
  JoinRefused,
  type LiveParticipant,
  type Notice,
  type Outlet,
  RequestError,
  type RoomControl,
  type Rooms,
  type Session,
} from '../../src/session.ts';

/** Rooms of which a test sees everything and decides what they do; nothing is negotiated. */
export class FakeRooms implements Rooms {
  readonly members: FakeMember[] = [];
  readonly #waiting: { readonly test: (member: FakeMember) => boolean; readonly resolve: (member: FakeMember) => void }[] = [];
  refuse: JoinRefused | undefined;
  failAnswers = false;

  check(): void {
    if (this.refuse !== undefined) throw this.refuse;
  }

  join(grant: Grant, outlet: Outlet): Session {
    this.check();
    const member = new FakeMember(this, grant, outlet, `p${this.members.length + 1}`);
    const others = this.in(grant.room).map(other => other.self);
    this.members.push(member);
    const nothing = { rights: [], locked: false, lobby: false, waiting: [] };
    outlet.notify({ type: 'joined', room: grant.room, self: member.self, others, ...nothing });
    outlet.notify({ type: 'offer', sdp: 'v=0\r\n' });
    return member;
  }

  in(room: string): FakeMember[] {
    return this.members.filter(member => member.grant.room === room && member.left === undefined);
  }

  list() {
    const rooms = new Set(this.members.filter(member => member.left === undefined).map(member => member.grant.room));
    return [...rooms].map(room => ({ project: 'default', room, participants: this.in(room).length }));
  }

  close(reconnectAfter: number): void {
    this.refuse = new JoinRefused('shutting-down', 'closing');
    for (const member of this.members.filter(({ left }) => left === undefined)) {
      member.left = 'server-shutdown';
      member.outlet.notify({ type: 'shutdown', reconnectAfter });
      member.outlet.close('shuttingDown');
    }
  }

  participants(_project: string, _room: string): readonly LiveParticipant[] | undefined {
    return undefined;
  }

  control(_project: string, _room: string): RoomControl | undefined {
    return undefined;
  }

  applySettings(): void {}

  rolesChanged(): void {}

  revoke(): number {
    return 0;
  }

  tick(): void {}

  async readings() {
    return [];
  }

  async collectStats() {
    return new Map();
  }

  changed(member: FakeMember): void {
    for (const entry of this.#waiting.filter(({ test }) => test(member))) {
      this.#waiting.splice(this.#waiting.indexOf(entry), 1);
      entry.resolve(member);
    }
  }

  /** The first member of which this is true, now or later. */
  when(test: (member: FakeMember) => boolean): Promise<FakeMember> {
    const found = this.members.find(test);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise(resolve => this.#waiting.push({ test, resolve }));
  }

  /** Resolves with the reason when the member of this user is out. */
  async left(userId: string): Promise<LeaveReason | undefined> {
    return (await this.when(member => member.grant.userId === userId && member.left !== undefined)).left;
  }
}

export class FakeMember implements Session {
  readonly grant: Grant;
  readonly outlet: Outlet;
  readonly participant: string;
  readonly calls: unknown[][] = [];
  readonly #rooms: FakeRooms;
  left: LeaveReason | undefined;

  constructor(rooms: FakeRooms, grant: Grant, outlet: Outlet, participant: string) {
    this.#rooms = rooms;
    this.grant = grant;
    this.outlet = outlet;
    this.participant = participant;
  }

  get self() {
    const { userId, name, role } = this.grant;
    return { id: this.participant, userId, name, role, tracks: [] };
  }

  answer(sdp: string): void {
    if (sdp === 'bug') throw new TypeError('of ours, naming secret-in-a-bug');
    if (sdp === 'bad') throw new RequestError('invalid-answer', 'Answer the offer.');
    this.#call('answer', sdp);
  }

  chat(text: string): void {
    this.#call('chat', text);
    const notice: Notice = {
      type: 'chat',
      participant: this.participant,
      name: this.grant.name,
      text,
      at: Date.UTC(2026, 0, 1, 9, 41, 7),
    };
    for (const other of this.#rooms.in(this.grant.room)) if (other !== this) other.outlet.notify(notice);
  }

  restartIce(): void {
    this.#call('restart-ice');
  }

  publish(source: string): void {
    this.#call('publish', source);
  }

  unpublish(source: string): void {
    this.#call('unpublish', source);
  }

  mute(source: string, muted: boolean): void {
    this.#call('mute', source, muted);
  }

  moderate(act: Moderation): void {
    this.#call('moderate', act);
  }

  refresh(grant: Grant): void {
    this.#call('refresh', grant);
    this.outlet.notify({ type: 'token-accepted', expiresAt: grant.expiresAt });
  }

  view(track: string, size: { width: number; height: number }): void {
    this.#call('view', track, size);
  }

  leave(reason: LeaveReason): void {
    if (this.left !== undefined) return;
    this.left = reason;
    this.#rooms.changed(this);
  }

  #call(...call: unknown[]): void {
    this.calls.push(call);
    this.#rooms.changed(this);
  }
}
