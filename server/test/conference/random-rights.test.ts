import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Moderation, RIGHT_TO_PUBLISH, RIGHTS, type Right, type RoleTable, type Source } from '@aqlinks/protocol';
import fc from 'fast-check';
import { JoinRefused, type LiveParticipant, type Notice, RequestError, type RoomsDirectory } from '../../src/session.ts';
import { grantOf } from '../support/grant-of.ts';
import { newConference, settle, TestClient } from './new-conference.ts';

const PLACES = 4;
const ROLES = ['host', 'guest', 'viewer', 'odd'];
const SOURCES = Object.keys(RIGHT_TO_PUBLISH) as Source[];
const USERS = 7;

type Step =
  | { readonly do: 'join' | 'refresh'; readonly user: number; readonly role: number; readonly permissions: Right[] | undefined }
  | { readonly do: 'answer' | 'leave'; readonly who: number }
  | { readonly do: 'publish' | 'unpublish' | 'unmute'; readonly who: number; readonly source: number }
  | {
      readonly do: 'moderate' | 'command';
      readonly who: number;
      readonly act: number;
      readonly whom: number;
      readonly role: number;
    }
  | { readonly do: 'tables'; readonly table: RoleTable; readonly places: number }
  | { readonly do: 'time'; readonly ms: number };

const who = fc.nat(20);
const rights = fc.subarray([...RIGHTS]);
const role = fc.nat(ROLES.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('join' as const, 'join' as const, 'refresh' as const),
      user: fc.nat(USERS),
      role,
      permissions: fc.option(rights, { nil: undefined, freq: 3 }),
    }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constantFrom(...(['answer', 'answer', 'answer', 'leave'] as const)), who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('publish' as const, 'unpublish' as const, 'unmute' as const),
      who,
      source: fc.nat(3),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('moderate' as const, 'command' as const),
      who,
      act: fc.nat(11),
      whom: who,
      role,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('tables' as const),
      table: fc.record({ odd: rights, guest: rights }),
      places: fc.integer({ min: 1, max: PLACES }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.nat(90_000) }) },
);

/** Whatever people try: what somebody may not publish or receive does not flow, and nobody is in beyond the places. */
class Call {
  table: RoleTable = {};
  places = PLACES;
  readonly bans = new Set<string>();
  readonly directory: RoomsDirectory = {
    roles: () => this.table,
    settings: () => ({ max_participants: this.places }),
    isBanned: (_, __, userId) => this.bans.has(userId),
    ban: (_, __, userId) => void this.bans.add(userId),
  };
  readonly conference = newConference({ directory: this.directory, maxParticipantsPerRoom: PLACES });
  readonly clients: TestClient[] = [];
  #before = 0; // people in the room before the step

  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      this.#before = this.#in().length;
      this.#try(step);
      await new Promise(resolve => setImmediate(resolve)); // events of the media plane
      this.check();
    }
    for (let round = 0; round < 4; round += 1) settle(...this.#present());
    this.check();
    this.#checkComplete();
    assert.deepEqual(this.conference.errors, []);
  }

  #try(step: Step): void {
    try {
      this.#play(step);
    } catch (error) {
      if (!(error instanceof RequestError) && !(error instanceof JoinRefused)) throw error;
    }
  }

  #play(step: Step): void {
    const { rooms, clock } = this.conference;
    const present = this.#present();
    const someone = 'who' in step ? present[step.who % Math.max(1, present.length)] : undefined;
    switch (step.do) {
      case 'join':
        this.clients.push(new TestClient(rooms, `u${step.user}`, 'standup', this.#token(step)));
        return;
      case 'refresh': {
        const grant = grantOf(`u${step.user}`, this.#token(step));
        for (const client of present) if (this.#live(client)?.userId === grant.userId) client.session.refresh(grant);
        return;
      }
      case 'answer':
        someone?.answer({ sends: () => true }); // also where it may not
        return;
      case 'leave':
        someone?.session.leave('left');
        someone?.closed.push('left by itself');
        return;
      case 'publish':
        someone?.session.publish(SOURCES[step.source] ?? 'camera');
        return;
      case 'unpublish':
        someone?.session.unpublish(SOURCES[step.source] ?? 'camera');
        return;
      case 'unmute':
        someone?.session.mute(SOURCES[step.source] ?? 'camera', false);
        return;
      case 'moderate':
        someone?.session.moderate(this.#act(step));
        return;
      case 'command':
        this.#command(this.#act(step));
        return;
      case 'tables':
        this.table = step.table;
        this.places = step.places;
        rooms.applySettings('default', 'standup', { max_participants: step.places });
        return;
      case 'time':
        clock.now += step.ms;
        rooms.tick();
        return;
    }
  }

  #token({ role, permissions }: Step & { do: 'join' | 'refresh' }) {
    return { role: ROLES[role] ?? 'guest', permissions, expiresAt: role === 2 ? this.conference.clock.now + 60_000 : undefined };
  }

  #act({ act, whom, role }: Step & { do: 'moderate' | 'command' }): Moderation {
    const everybody = this.conference.rooms.participants('default', 'standup') ?? [];
    const participant = everybody[whom % Math.max(1, everybody.length)]?.id ?? 'nobody';
    const acts: readonly Moderation[] = [
      { action: 'mute', participant, source: 'microphone' },
      { action: 'stop-video', participant, source: 'camera' },
      { action: 'stop-video', participant, source: 'screen' },
      { action: 'ask-unmute', participant, source: 'microphone' },
      { action: 'set-role', participant, role: ROLES[role] ?? 'guest' },
      { action: 'set-role', participant, role: ROLES[role] ?? 'guest' },
      { action: 'admit', participant },
      { action: 'remove', participant, ban: false },
      { action: 'remove', participant, ban: role === 0 },
      { action: 'lock', locked: role > 1 },
      { action: 'lobby', lobby: role > 1 },
      { action: 'end' },
    ];
    return acts[act] ?? { action: 'end' };
  }

  #command(act: Moderation): void {
    const control = this.conference.rooms.control('default', 'standup');
    switch (act.action) {
      case 'mute':
        control?.mute(act.participant, act.source);
        return;
      case 'stop-video':
        control?.stopVideo(act.participant, act.source);
        return;
      case 'set-role':
        control?.setRole(act.participant, act.role);
        return;
      case 'admit':
        control?.admit(act.participant);
        return;
      case 'remove':
        control?.remove(act.participant, { ban: act.ban });
        return;
      case 'lock':
        control?.lock(act.locked);
        return;
      default:
        return;
    }
  }

  check(): void {
    const { plane } = this.conference;
    const people = this.#in();
    assert.ok(people.length <= Math.max(this.#before, this.places), `${people.length} are in a room of ${this.places}`);
    const owners = new Map<number, LiveParticipant>();
    for (const client of this.#present()) {
      const live = this.#live(client);
      assert.ok(live, 'somebody is connected who is not in the room');
      const transport = this.#transportOf(client);
      if (live.lobby) assert.equal(client.offers.length, 0, 'somebody who waits was offered something');
      if (transport !== undefined) owners.set(transport, live);
      this.#checkSeen(client, live);
    }
    for (const [id, { transport, mid }] of plane.tracks) {
      const owner = owners.get(transport);
      assert.ok(owner && !owner.lobby, `track ${id} is of nobody in the room`);
      const sources = owner.tracks.map(({ source }) => source);
      for (const source of sources)
        assert.ok(owner.rights.includes(RIGHT_TO_PUBLISH[source]), `${owner.role} publishes ${source} at ${mid}`);
    }
    const published = people.flatMap(({ tracks }) => tracks);
    assert.equal(plane.tracks.size, published.length, 'the media plane has other tracks than the room');
    for (const { transport } of plane.subscriptions.values())
      assert.ok(owners.get(transport)?.rights.includes('receive'), 'somebody receives without the right');
    for (const held of plane.held) assert.ok(plane.tracks.has(held));
  }

  /** Without `see-list`, and `receive`, nobody is told of anybody. */
  #checkSeen(client: TestClient, live: LiveParticipant): void {
    const told = client.take();
    if (told.some(({ type }) => type === 'rights' || type === 'joined')) return; // they changed meanwhile
    if (live.rights.includes('see-list') || live.rights.includes('receive')) return;
    assert.deepEqual(told.filter(namesSomebody), []);
  }

  /** Everything is answered: who may receives all that is published by others. */
  #checkComplete(): void {
    const people = this.#in();
    for (const client of this.#present()) {
      const live = this.#live(client);
      if (live === undefined || live.lobby) continue;
      const expected = live.rights.includes('receive')
        ? people.filter(({ id }) => id !== live.id).reduce((sum, { tracks }) => sum + tracks.length, 0)
        : 0;
      const transport = this.#transportOf(client);
      const received = [...this.conference.plane.subscriptions.values()].filter(each => each.transport === transport);
      assert.equal(received.length, expected, `${live.role} receives ${received.length} of ${expected}`);
    }
  }

  #in(): LiveParticipant[] {
    return (this.conference.rooms.participants('default', 'standup') ?? []).filter(({ lobby }) => !lobby);
  }

  #present(): TestClient[] {
    return this.clients.filter(({ closed }) => closed.length === 0);
  }

  #live(client: TestClient): LiveParticipant | undefined {
    return this.conference.rooms.participants('default', 'standup')?.find(({ id }) => id === client.id);
  }

  #transportOf(client: TestClient): number | undefined {
    const ufrag = /a=ice-ufrag:(\S+)/.exec(client.offers[0] ?? '')?.[1];
    return [...this.conference.plane.transports].find(([, { opened }]) => opened.iceUfrag === ufrag)?.[0];
  }
}

const namesSomebody = ({ type }: Notice) =>
  type === 'participant-joined' || type === 'track-published' || type === 'track-muted' || type === 'subscribed';

describe('random calls with rights', () => {
  // fast-check prints the seed of a failure: `{ seed, path }` as the second argument of `assert` repeats it.
  it('never let through what somebody may not publish or receive, nor more people than places (SPEC:P46)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }), steps => new Call().play(steps)),
      { numRuns: 150 },
    );
  });
});
