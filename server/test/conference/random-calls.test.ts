import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Source } from '@aqlinks/protocol';
import fc from 'fast-check';
import { parse } from 'sdp-transform';
import { JoinRefused, type Notice, RequestError } from '../../src/session.ts';
import { newConference, settle, TestClient } from './new-conference.ts';

const ROOMS = ['one', 'two', 'three'];
const SOURCES: readonly Source[] = ['camera', 'microphone', 'screen', 'screen-audio'];

type Step =
  | { readonly do: 'join'; readonly user: number; readonly room: number; readonly sends: boolean }
  | { readonly do: 'answer'; readonly who: number; readonly receives: boolean; readonly rejects: boolean }
  | { readonly do: 'spoil'; readonly who: number }
  | { readonly do: 'publish' | 'unpublish' | 'mute'; readonly who: number; readonly source: number }
  | { readonly do: 'toggle'; readonly who: number; readonly mid: number }
  | { readonly do: 'leave' | 'chat' | 'lose-media'; readonly who: number }
  | { readonly do: 'busy'; readonly worker: number };

const who = fc.nat(30);
const source = fc.nat(SOURCES.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('join' as const), user: fc.nat(7), room: fc.nat(2), sends: fc.boolean() }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('answer' as const), who, receives: likely(), rejects: fc.nat(15).map(n => n === 0) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('spoil' as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('publish' as const, 'unpublish' as const, 'mute' as const), who, source }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('toggle' as const), who, mid: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'chat' as const, 'lose-media' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('busy' as const), worker: fc.nat(1) }) },
);

function likely(): fc.Arbitrary<boolean> {
  return fc.nat(9).map(n => n > 0);
}

/** A call that is played step by step; after each, all that must always hold is looked at. */
class Call {
  readonly conference = newConference({ workers: 2, maxParticipantsPerRoom: 4, maxParticipants: 9 });
  readonly everybody: { client: TestClient; room: string }[] = [];

  /** Those who once refused to receive something. */
  readonly #picky = new Set<TestClient>();

  /** In the order of joining. */
  get present(): { client: TestClient; room: string }[] {
    return this.everybody.filter(({ client }) => client.closed.length === 0);
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      this.#play(step);
      await new Promise(resolve => setImmediate(resolve)); // events of the media plane
      this.check();
    }
    for (let round = 0; round < 3; round += 1) settle(...this.present.map(({ client }) => client));
    this.check();
    this.checkComplete();
    for (const { client } of this.present) this.#leave(client);
    const { plane, rooms, errors } = this.conference;
    assert.deepEqual([plane.transports.size, plane.tracks.size, plane.subscriptions.size], [0, 0, 0]);
    assert.equal(
      [...plane.copies.values()].reduce((copies, { size }) => copies + size, 0),
      0,
      'a copy outlives its track',
    );
    assert.deepEqual(rooms.list(), []);
    assert.deepEqual(errors, []);
  }

  #play(step: Step): void {
    try {
      if (step.do === 'join') {
        this.#join(step);
        return;
      }
      if (step.do === 'busy') {
        this.#keepBusy(step.worker);
        return;
      }
      const { present } = this;
      const someone = present[step.who % present.length]?.client;
      if (someone !== undefined) this.#act(someone, step);
    } catch (error) {
      if (!(error instanceof RequestError) && !(error instanceof JoinRefused)) throw error;
    }
  }

  #join({ user, room, sends }: Step & { do: 'join' }): void {
    const name = ROOMS[room] ?? '';
    const client = new TestClient(this.conference.rooms, `user-${user}`, name);
    if (!sends) client.sends.clear();
    this.everybody.push({ client, room: name });
  }

  #act(client: TestClient, step: Exclude<Step, { do: 'join' | 'busy' }>): void {
    switch (step.do) {
      case 'answer':
        if (!step.receives || step.rejects) this.#picky.add(client);
        client.answer({ receives: () => step.receives, rejects: mid => step.rejects && mid !== '0' });
        return;
      case 'spoil':
        client.session.answer('v=0');
        return;
      case 'publish':
        client.session.publish(SOURCES[step.source] ?? 'camera');
        return;
      case 'unpublish':
        client.session.unpublish(SOURCES[step.source] ?? 'camera');
        return;
      case 'mute':
        client.session.mute(SOURCES[step.source] ?? 'camera', true);
        return;
      case 'toggle':
        if (!client.sends.delete(String(step.mid))) client.sends.add(String(step.mid));
        return;
      case 'chat':
        client.session.chat('hello');
        return;
      case 'leave':
        this.#leave(client);
        return;
      case 'lose-media': {
        const { transports } = this.conference.plane;
        const [transport] = [...transports.keys()].slice(step.who % Math.max(1, transports.size));
        if (transport !== undefined) this.conference.plane.loseTransport(transport, 'timeout');
        return;
      }
    }
  }

  /** Whoever comes now goes to the other worker, even into a room that has people here. */
  #keepBusy(worker: number): void {
    const { plane, rooms, clock } = this.conference;
    clock.now += 2_500;
    plane.cpuSeconds.set(worker, (plane.cpuSeconds.get(worker) ?? 0) + 2);
    rooms.tick();
  }

  #leave(client: TestClient): void {
    client.session.leave('left');
    client.closed.push('left by itself'); // so that whatever it is told after is an error
  }

  check(): void {
    const { plane, rooms } = this.conference;
    const { present } = this;
    assert.equal(plane.transports.size, present.length);
    this.#checkRelays();
    const people = new Map<string, number>();
    for (const { room } of present) people.set(room, (people.get(room) ?? 0) + 1);
    assert.deepEqual(new Map(rooms.list().map(({ room, participants }) => [room, participants])), people);
    for (const { client, room } of present) {
      assert.ok(client.unanswered <= 1, 'two offers in flight');
      const reachable = this.everybody
        .filter(other => other.room === room && other.client !== client)
        .map(other => other.client.id);
      const named = [...client.offered().map(track => track.split(' ')[0] ?? ''), ...client.take().flatMap(participantsOf)];
      for (const id of named) assert.ok(reachable.includes(id), `${client.id} is told of ${id}`);
      checkSsrcs(client);
      const tracks = this.#tracksOfOthers(client, room);
      for (const track of this.#receivedBy(client)) assert.ok(tracks.has(track), `${client.id} receives track ${track}`);
    }
  }

  /** A track goes to another worker exactly while somebody there receives it. */
  #checkRelays(): void {
    const { plane } = this.conference;
    const wanted = [...plane.subscriptions.values()].map(({ track, transport }) => {
      const to = plane.transports.get(transport)?.worker;
      const from = plane.transports.get(plane.tracks.get(track)?.transport ?? 0)?.worker;
      return from === to ? [] : [`${track} to ${to}`];
    });
    const relayed = [...plane.relays].flatMap(([track, workers]) => [...workers].map(to => `${track} to ${to}`));
    const copied = [...plane.copies].flatMap(([to, copies]) => [...copies.keys()].map(track => `${track} to ${to}`));
    const expected = [...new Set(wanted.flat())].sort();
    assert.deepEqual([relayed.sort(), copied.sort()], [expected, expected]);
  }

  /** Once all offers are answered, everyone receives every track of the others in the room, unless they refused some. */
  checkComplete(): void {
    for (const { client, room } of this.present) {
      assert.equal(client.unanswered, 0);
      if (this.#picky.has(client)) continue;
      const tracks = this.#tracksOfOthers(client, room);
      assert.deepEqual(this.#receivedBy(client), tracks);
      assert.equal(client.offered().length, tracks.size); // and what is gone is offered no more
    }
  }

  #transportOf(client: TestClient): number | undefined {
    const ufrag = /a=ice-ufrag:(\S+)/.exec(client.offers[0] ?? '')?.[1];
    return [...this.conference.plane.transports].find(([, { opened }]) => opened.iceUfrag === ufrag)?.[0];
  }

  #tracksOfOthers(client: TestClient, room: string): Set<number> {
    const others = this.present.filter(other => other.room === room && other.client !== client);
    const transports = others.map(other => this.#transportOf(other.client));
    return new Set(
      [...this.conference.plane.tracks].filter(([, { transport }]) => transports.includes(transport)).map(([id]) => id),
    );
  }

  #receivedBy(client: TestClient): Set<number> {
    const own = this.#transportOf(client);
    const received = [...this.conference.plane.subscriptions.values()].filter(({ transport }) => transport === own);
    return new Set(received.map(({ track }) => track).sort((a, b) => a - b));
  }
}

function participantsOf(notice: Notice): string[] {
  if (notice.type === 'joined') return notice.others.map(({ id }) => id);
  if (!('participant' in notice)) return [];
  return [typeof notice.participant === 'string' ? notice.participant : notice.participant.id];
}

function checkSsrcs(client: TestClient): void {
  const { media } = parse(client.offers.at(-1) ?? '');
  const ssrcs = media.flatMap(section => [...new Set(section.ssrcs?.map(({ id }) => id))]);
  assert.equal(new Set(ssrcs).size, ssrcs.length, 'an SSRC is used twice');
}

describe('random calls', () => {
  // fast-check prints the seed of a failure: `{ seed, path }` as the second argument of `assert` repeats it.
  it('keep everybody in order, in their room and served', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }), steps => new Call().play(steps)),
      { numRuns: 100 },
    );
  });
});
