import { Counter, Gauge, type Registry } from 'prom-client';

/** Of what lasts: the database, and what waits for it. */
export interface StoreFigures {
  readonly reachable: boolean;
  readonly waiting: number; // entries of the journal
  readonly bytes: number;
  readonly dropped: number;
}

export function registerStoreMetrics(registry: Registry, figures: () => StoreFigures): void {
  const registers = [registry];
  const gauge = (name: string, help: string, value: (figures: StoreFigures) => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value(figures()));
      },
    });
  gauge('aqlinks_database_reachable', '1 while the database answers, 0 while it is away.', ({ reachable }) => Number(reachable));
  gauge('aqlinks_journal_entries', 'Entries of the journal that wait for the database.', ({ waiting }) => waiting);
  gauge('aqlinks_journal_bytes', 'Bytes that they take on disk.', ({ bytes }) => bytes);
  new Counter({
    name: 'aqlinks_journal_dropped_total',
    help: 'Entries that were lost: the journal was full, or the database refused them.',
    registers,
    collect() {
      this.reset();
      this.inc(figures().dropped);
    },
  });
}
