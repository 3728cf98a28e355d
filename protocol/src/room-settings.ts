import * as z from 'zod';
import { RoleTable } from './rights.ts';

export const METADATA_BYTES = 4_096; // as JSON in UTF-8

/** Any value of bounded size, out of JSON. */
const Metadata = z
  .unknown()
  .check(
    z.refine(
      value => new TextEncoder().encode(JSON.stringify(value) ?? '').byteLength <= METADATA_BYTES,
      `at most ${METADATA_BYTES} bytes of JSON`,
    ),
  );

/** What may be set for one room, before and while people are in it. What is left out is the server's default. */
export const RoomSettings = z
  .strictObject({
    max_participants: z.int().min(1).max(100_000).optional().meta({
      description: 'How many may be in it at once. Default, and limit: MAX_PARTICIPANTS_PER_ROOM of the server.',
    }),
    empty_timeout: z.int().min(0).max(86_400).optional().meta({
      description: 'Seconds for which an empty room stays as the call left it: locked, or ended. Default: 300.',
    }),
    lobby: z.boolean().optional().meta({ description: 'Whoever comes waits until somebody admits them. Default: false.' }),
    locked: z.boolean().optional().meta({ description: 'Nobody comes in. Default: false.' }),
    metadata: Metadata.optional().meta({
      description: `What your backend wants to remember about it: any JSON of at most ${METADATA_BYTES} bytes.`,
    }),
    roles: RoleTable.optional().meta({
      description: 'What each role (`user_type`) may do here. Roles that are left out are as the project has them.',
    }),
  })
  .meta({
    id: 'RoomSettings',
    examples: [{ max_participants: 50, lobby: true, roles: { viewer: ['receive'] } }],
    description: 'What is left out has its default.',
  });
export type RoomSettings = z.infer<typeof RoomSettings>;
