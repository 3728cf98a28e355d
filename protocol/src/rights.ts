import * as z from 'zod';
import type { Source } from './model.ts';
import { text } from './text.ts';

/** What somebody in a room may do. Checked by the server at each act. */
export const RIGHTS = [
  'publish-microphone',
  'publish-camera',
  'publish-screen', // and its sound
  'receive', // the tracks of others
  'chat', // write; what others write is read by all who are in
  'see-list', // who else is there
  'admit', // let people in who wait in the lobby
  'mute-others', // and stop their video, and ask them to unmute
  'remove',
  'change-roles',
  'lock', // the room, and its lobby
  'end', // the room, for all
] as const;
export const Right = z.enum(RIGHTS);
export type Right = z.infer<typeof Right>;

/** What the holders of each role (`user_type`) may do. */
export const RoleTable = z.record(text(64), z.array(Right).max(RIGHTS.length)).check(
  z.refine(table => Object.keys(table).length <= 64, 'at most 64 roles'), // a bound, as everything from outside has one
);
export type RoleTable = Readonly<Record<string, readonly Right[]>>;

const PUBLISH = ['publish-microphone', 'publish-camera', 'publish-screen'] as const;
const ATTEND = ['receive', 'chat', 'see-list'] as const;

/** What holds where neither a project nor a room says otherwise. */
export const DEFAULT_ROLES = {
  host: RIGHTS,
  presenter: [...PUBLISH, ...ATTEND],
  guest: [...PUBLISH, ...ATTEND],
  viewer: ATTEND,
} as const satisfies RoleTable;

/** The role whose rights hold for a role that no table knows. */
const UNKNOWN_ROLE = 'guest';

/** The rights of a role by tables of which the first that knows it decides; the default table is the last by itself. */
export function rightsOfRole(role: string, ...tables: readonly (RoleTable | undefined)[]): readonly Right[] {
  const all: readonly (RoleTable | undefined)[] = [...tables, DEFAULT_ROLES];
  for (const name of [role, UNKNOWN_ROLE]) {
    for (const table of all) {
      const rights = table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
      if (rights !== undefined) return rights;
    }
  }
  return [];
}

/** A token's `permissions` narrow what a role may; they never widen it. Without them all of the role's rights hold. */
export function narrowed(rights: readonly Right[], permissions: readonly Right[] | undefined): ReadonlySet<Right> {
  return new Set(permissions === undefined ? rights : rights.filter(right => permissions.includes(right)));
}

/** What it takes to publish. */
export const RIGHT_TO_PUBLISH: Readonly<Record<Source, Right>> = {
  microphone: 'publish-microphone',
  camera: 'publish-camera',
  screen: 'publish-screen',
  'screen-audio': 'publish-screen',
};

/** Of a token: names that this version does not know are ignored. */
export const Permissions = z
  .array(z.string().max(64))
  .max(32)
  .transform(names => RIGHTS.filter(right => names.includes(right)));
