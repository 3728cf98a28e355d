import * as z from 'zod';
import { RoomName, UserId } from '../claims.ts';
import { text } from '../text.ts';
import { Moment, PageQuery, pageOf, Time } from './values.ts';

export const AuditOutcome = z.enum(['accepted', 'refused']);
export type AuditOutcome = z.infer<typeof AuditOutcome>;

/** A line of the audit log. Never holds a token or a secret. */
export const AuditEntry = z
  .object({
    id: z.int().meta({ description: 'Its place in the chain.' }),
    at: Time,
    action: z.string().meta({ description: 'What was done or tried, such as `token.validate` or `room.end`.' }),
    outcome: AuditOutcome,
    reason: z.string().nullable().meta({ description: 'Why it was refused or done.' }),
    project: z.string(),
    key: z.string().nullable().meta({ description: 'The id of the API key that signed or asked.' }),
    jti: z.string().nullable().meta({ description: 'The id of the token.' }),
    user_id: z.string().nullable(),
    room: z.string().nullable(),
    address: z.string().nullable().meta({ description: 'Where the request came from.' }),
    user_agent: z.string().nullable(),
    details: z.record(z.string(), z.unknown()).nullable(),
    hash: z.string().meta({ description: 'SHA-256 over this line and the hash of the one before.' }),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditEntries = pageOf(AuditEntry).meta({ id: 'AuditEntries' });

/** What is asked for; what is left out is not asked about. */
export const AuditFilter = z.strictObject({
  action: text(64).optional(),
  outcome: AuditOutcome.optional(),
  room: RoomName.optional(),
  user_id: UserId.optional(),
  key: text(128).optional(),
  jti: text(128).optional(),
  from: Moment.optional().meta({ description: 'Lines of then and later.' }),
  to: Moment.optional().meta({ description: 'Lines before then.' }),
});
export type AuditFilter = z.infer<typeof AuditFilter>;

/** `GET /audit`: the newest first. */
export const AuditQuery = PageQuery.extend(AuditFilter.shape);
export type AuditQuery = z.infer<typeof AuditQuery>;

/** `GET /audit/verify` */
export const AuditVerification = z
  .object({
    intact: z.boolean(),
    entries: z.int().meta({ description: 'How many lines were looked at.' }),
    first: z.int().nullable().meta({ description: 'The id of the oldest line; older ones were removed by the retention.' }),
    last: z.int().nullable(),
    head: z
      .string()
      .nullable()
      .meta({ description: 'The hash of the newest line. Kept elsewhere, it shows later that nothing before was changed.' }),
    broken_at: z
      .int()
      .nullable()
      .meta({ description: 'The id of the first line that was changed, or before which one is missing.' }),
    problem: z.string().nullable().meta({ description: 'What is wrong there, in words.' }),
  })
  .meta({ id: 'AuditVerification' });
export type AuditVerification = z.infer<typeof AuditVerification>;
