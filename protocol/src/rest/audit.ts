import * as z from 'zod';
import { RoomName, UserId } from '../claims.ts';
import { text } from '../text.ts';
import { Moment, PageQuery, pageOf, Time } from './values.ts';

export const AuditOutcome = z.enum(['accepted', 'refused']);
export type AuditOutcome = z.infer<typeof AuditOutcome>;

/** A line of the audit log. Never holds a token or a secret. */
export const AuditEntry = z
  .object({
    seq: z.int().meta({ description: 'Its place in the chain: from 1, without a gap.' }),
    id: z.string(),
    at: Time,
    action: z.string().meta({ description: 'What was done or tried, such as `token.validated` or `room.ended`.' }),
    outcome: AuditOutcome,
    reason: z.string().nullable().meta({ description: 'Why it was refused or done.' }),
    project: z.string(),
    key: z.string().nullable().meta({ description: 'The id of the API key that signed or asked.' }),
    jti: z.string().nullable().meta({ description: 'The id of the token.' }),
    user: z.string().nullable().meta({ description: 'The `user_id`.' }),
    room: z.string().nullable(),
    address: z.string().nullable().meta({ description: 'Where the request came from.' }),
    user_agent: z.string().nullable(),
    details: z.record(z.string(), z.unknown()).nullable(),
    hash: z.string().meta({ description: 'SHA-256 over this line and the hash of the one before.' }),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditEntries = pageOf(AuditEntry).meta({ id: 'AuditEntries' });

/** `GET /audit/export` */
export const AuditRange = z.strictObject({
  from: Moment.optional().meta({ description: 'Lines of then and later.' }),
  to: Moment.optional().meta({ description: 'Lines before then.' }),
});
export type AuditRange = z.infer<typeof AuditRange>;

/** `GET /audit`: the newest first. What is left out is not asked about. */
export const AuditQuery = PageQuery.extend({
  ...AuditRange.shape,
  action: text(64).optional().meta({ description: 'Such as `token.validated`; or `token.` for all that begin so.' }),
  outcome: AuditOutcome.optional(),
  room: RoomName.optional(),
  user: UserId.optional(),
  key: text(128).optional(),
  jti: text(128).optional(),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

const link = z.object({ seq: z.int(), hash: z.string() });

/** `GET /audit/verify` */
export const AuditVerification = z
  .object({
    intact: z.boolean(),
    entries: z.int().meta({ description: 'How many lines were looked at, of all projects: it is one chain.' }),
    anchor: link
      .nullable()
      .meta({ description: 'The last line that the retention removed; `seq` 0: none was. null: not intact.' }),
    head: link.nullable().meta({
      description: 'The last line. Kept elsewhere, it proves later that nothing before it was changed. null: not intact.',
    }),
    sealed: z.boolean().meta({ description: 'Whether both ends were checked with the MASTER_KEY as well.' }),
    problem: z
      .object({
        seq: z.int().meta({ description: 'Of the first line that is wrong or not there.' }),
        kind: z.string(),
        detail: z.string(),
      })
      .nullable(),
  })
  .meta({ id: 'AuditVerification' });
export type AuditVerification = z.infer<typeof AuditVerification>;
