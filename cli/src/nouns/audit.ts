import { type AuditEntry, AuditOutcome } from '@aqlinks/protocol';
import { EXIT, print, UsageError } from '../command.ts';
import { type Columns, showPage, showThing } from '../output.ts';
import type { Asked, Noun, Option } from '../verb.ts';
import { given, PAGING, pageOf } from './paging.ts';

const COLUMNS: Columns<AuditEntry> = {
  at: entry => entry.at,
  action: entry => entry.action,
  outcome: entry => entry.outcome,
  reason: entry => entry.reason,
  user: entry => entry.user,
  room: entry => entry.room,
  key: entry => entry.key,
  address: entry => entry.address,
};

const RANGE: Readonly<Record<string, Option>> = {
  from: { value: 'TIME', summary: 'lines of then and later, such as 2026-01-31T08:00:00Z' },
  to: { value: 'TIME', summary: 'lines before then' },
};

const rangeOf = ({ option }: Asked) => given({ from: option('from'), to: option('to') });

function outcomeOf({ option }: Asked): AuditOutcome | undefined {
  const parsed = AuditOutcome.optional().safeParse(option('outcome'));
  if (!parsed.success) throw new UsageError(`--outcome is one of ${AuditOutcome.options.join(', ')}.`);
  return parsed.data;
}

export const audit: Noun = {
  summary: 'the audit log: who was let in and who was not, and who did what',
  verbs: {
    list: {
      summary: 'list the audit log, the newest first',
      options: {
        ...RANGE,
        action: { value: 'ACTION', summary: 'such as token.validated; or token. for all that begin so' },
        outcome: { value: 'OUTCOME', summary: 'accepted or refused' },
        room: { value: 'ROOM', summary: 'only of this room' },
        user: { value: 'USER', summary: 'only of this user' },
        ...PAGING,
      },
      examples: ['audit list --outcome refused --from 2026-01-31T08:00:00Z'],
      async run(asked) {
        const { option } = asked;
        const filter = given({
          ...{ action: option('action'), outcome: outcomeOf(asked), room: option('room'), user: option('user') },
        });
        const page = await asked.api.listAudit({ query: { ...pageOf(asked), ...rangeOf(asked), ...filter } });
        return showPage(asked, page, COLUMNS, 'There are no such lines.');
      },
    },
    verify: {
      summary: 'look whether a line was changed or is missing; exit code 1 if so',
      async run(asked) {
        const verification = await asked.api.verifyAudit();
        showThing(asked, verification);
        return verification.intact ? EXIT.fine : EXIT.failed;
      },
    },
    export: {
      summary: 'print the log, the oldest first: a line of JSON an entry',
      options: RANGE,
      examples: ['audit export --from 2026-01-01T00:00:00Z > january.jsonl'],
      async run(asked) {
        for await (const line of await asked.api.exportAudit({ query: rangeOf(asked) })) print(JSON.stringify(line));
        return EXIT.fine;
      },
    },
  },
};
