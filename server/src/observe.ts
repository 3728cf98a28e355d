import type { Metrics } from './http/metrics/metrics.ts';
import type { Logger } from './log.ts';
import type { Observer } from './signalling/aq/observer.ts';

/** What signalling tells, counted and logged. */
export function observe(metrics: Metrics, log: Logger, failed: (error: unknown) => void): Observer {
  return {
    joined(participant, room, dialect) {
      metrics.joined();
      log.info({ participant, room, dialect }, 'Joined');
    },
    received(event) {
      metrics.message(event);
      log.trace({ event }, 'Received a message');
    },
    refused(code) {
      metrics.messageRefused(code);
      log.debug({ code }, 'Refused a message');
    },
    left(participant, room, reason) {
      metrics.left(reason);
      log.info({ participant, room, reason }, 'Left');
    },
    failed,
  };
}
