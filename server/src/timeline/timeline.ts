import type { QualityEvent, Reading, RoomEvent } from '../session.ts';
import { KEPT, type Sample, Samples } from './samples.ts';

/** Of one call; the oldest make room. */
const MAX_EVENTS = 10_000;

export type TimelineEvent = RoomEvent | QualityEvent;

export interface ParticipantLine {
  readonly participant: string;
  readonly userId: string;
  readonly name: string;
  readonly samples: readonly Sample[];
}

interface Call {
  readonly project: string;
  readonly room: string;
  readonly people: Map<string, Person>;
  events: TimelineEvent[];
  endedAt: number | undefined;
}

interface Person {
  readonly userId: string;
  readonly name: string;
  readonly samples: Samples;
  leftAt: number | undefined;
}

/**
 * What explains a bad call: the last hour of each, live or just ended, as numbers and as what happened. In memory, and of
 * this server's calls alone. Takes in what it is told, with its time; asks nobody and waits for nothing.
 */
export class Timeline {
  readonly #calls = new Map<string, Call>(); // by session

  roomEvent(event: RoomEvent): void {
    const call = this.#call(event);
    this.#note(call, event);
    if (event.type === 'room-ended') call.endedAt = event.at;
    if (event.type === 'participant-joined')
      call.people.set(event.participant, {
        userId: event.userId,
        name: event.name,
        samples: new Samples(event.at),
        leftAt: undefined,
      });
    if (event.type === 'participant-left') {
      const person = call.people.get(event.participant);
      if (person !== undefined) person.leftAt = event.at;
    }
  }

  qualityEvent(event: QualityEvent): void {
    this.#note(this.#call(event), event);
  }

  /** Some seconds of everybody. */
  readings(now: number, readings: readonly Reading[]): void {
    for (const { session, participant, stats } of readings)
      this.#calls.get(session)?.people.get(participant)?.samples.take(now, stats);
    this.#forget(now);
  }

  /** Undefined: no such call of this project within the last hour. */
  call(project: string, session: string) {
    const call = this.#calls.get(session);
    if (call === undefined || call.project !== project) return undefined;
    const lines = [...call.people].map(
      ([participant, { userId, name, samples }]): ParticipantLine => ({ participant, userId, name, samples: samples.all() }),
    );
    return { room: call.room, endedAt: call.endedAt, lines, events: call.events as readonly TimelineEvent[] };
  }

  #call({ project, room, session }: RoomEvent | QualityEvent): Call {
    const known = this.#calls.get(session);
    if (known !== undefined) return known;
    const call: Call = { project, room, people: new Map(), events: [], endedAt: undefined };
    this.#calls.set(session, call);
    return call;
  }

  #note(call: Call, event: TimelineEvent): void {
    call.events.push(event);
    if (call.events.length > MAX_EVENTS + MAX_EVENTS / 10) call.events = call.events.slice(-MAX_EVENTS);
  }

  #forget(now: number): void {
    const old = (at: number | undefined) => at !== undefined && at < now - KEPT;
    for (const [session, call] of this.#calls) {
      if (old(call.endedAt)) this.#calls.delete(session);
      for (const [participant, { leftAt }] of call.people) if (old(leftAt)) call.people.delete(participant);
      if (old(call.events[0]?.at)) call.events = call.events.filter(({ at }) => !old(at));
    }
  }
}
