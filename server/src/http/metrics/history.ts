import { Counter, Gauge, type Registry } from 'prom-client';

/** What of webhooks is counted. */
export interface HistoryFigures {
  readonly outcomes: Readonly<Record<'delivered' | 'failed' | 'given-up' | 'dropped', number>>;
  readonly underWay: number;
  readonly waiting: number; // when it was last looked
}

export function registerHistoryMetrics(registry: Registry, figures: () => HistoryFigures): void {
  const registers = [registry];
  new Counter({
    name: 'aqlinks_webhook_deliveries_total',
    help: 'Attempts to deliver a webhook by outcome: delivered, failed (it is tried again), given-up, and dropped before, because too many waited.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(figures().outcomes)) this.inc({ outcome }, count);
    },
  });
  new Gauge({
    name: 'aqlinks_webhook_attempts',
    help: 'Attempts to deliver a webhook that are under way on this server.',
    registers,
    collect() {
      this.set(figures().underWay);
    },
  });
  new Gauge({
    name: 'aqlinks_webhook_waiting',
    help: 'Deliveries that wait in the database, of all servers, some seconds ago.',
    registers,
    collect() {
      this.set(figures().waiting);
    },
  });
}
