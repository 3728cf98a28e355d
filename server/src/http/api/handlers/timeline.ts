import { INTERVAL, type Sample } from '../../../timeline/samples.ts';
import type { ParticipantLine, TimelineEvent } from '../../../timeline/timeline.ts';
import { pageOfAll } from '../cursor.ts';
import type { SomeHandlers } from '../operations.ts';
import type { ApiParts } from '../ports.ts';
import { notFound } from '../problem.ts';
import { timeOf, timeOrNull } from '../time.ts';

/** What explains a call. */
export function timelineHandlers({ timeline }: ApiParts): SomeHandlers<'getSessionTimeline'> {
  return {
    getSessionTimeline({ project, params: { session }, query: { participant, cursor, limit } }) {
      const call = timeline.call(project, session);
      if (call === undefined) throw notFound('timeline');
      const lines = call.lines.filter(line => participant === undefined || line.participant === participant);
      const sorting = { list: 'timeline', positionOf: (line: ParticipantLine) => [line.participant] };
      const { items, next_cursor } = pageOfAll(lines, { cursor, limit }, sorting);
      const here = new Set(items.map(line => line.participant));
      const events = call.events.filter(told => !('participant' in told) || here.has(told.participant));
      return {
        ...{ session, room: call.room, ended_at: timeOrNull(call.endedAt), interval: INTERVAL / 1_000 },
        items: items.map(line => ({
          ...{ participant: line.participant, user_id: line.userId, name: line.name },
          samples: line.samples.map(sample),
        })),
        ...{ events: events.map(event), next_cursor },
      };
    },
  };
}

const sample = (taken: Sample) => ({
  ...{ at: timeOf(taken.at), round_trip: taken.roundTrip, loss_up: taken.lossUp, loss_down: taken.lossDown },
  ...{ bitrate_up: taken.bitrateUp, bitrate_down: taken.bitrateDown, estimate: taken.estimate, demand: taken.demand },
  ...{ nacks_up: taken.nacksUp, nacks_down: taken.nacksDown, key_frames_asked: taken.keyFramesAsked },
});

function event(told: TimelineEvent) {
  const { at, type, project: _, room: __, session: ___, ...rest } = told;
  const { participant = null, ...details } = rest as { readonly participant?: string };
  return { at: timeOf(at), type, participant, details };
}
