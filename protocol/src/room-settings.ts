import * as z from 'zod';
import { RoleTable } from './rights.ts';

const METADATA_BYTES = 4_096; // as JSON

/** Any JSON value of bounded size. */
const Metadata = z
  .json()
  .check(
    z.refine(
      value => new TextEncoder().encode(JSON.stringify(value)).byteLength <= METADATA_BYTES,
      `at most ${METADATA_BYTES} bytes of JSON`,
    ),
  );

/** What may be set for one room, before and while people are in it. What is left out is the server's default. */
export const RoomSettings = z.strictObject({
  max_participants: z.number().int().min(1).max(100_000).optional(), // never above the server's MAX_PARTICIPANTS_PER_ROOM
  empty_timeout: z.number().int().min(0).max(86_400).optional(), // seconds that the live state (lock, lobby's admissions, an end) of an empty room lasts
  lobby: z.boolean().optional(), // whoever comes waits to be admitted
  locked: z.boolean().optional(), // nobody comes in
  metadata: Metadata.optional(),
  roles: RoleTable.optional(), // overrides the project's, role by role
});
export type RoomSettings = z.infer<typeof RoomSettings>;
