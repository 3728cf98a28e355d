import { RIGHTS, type Right, type RoleTable, RoomSettings } from '@aqlinks/protocol';
import type { Ban } from '../store/bans.ts';
import type { Revocation } from '../store/revocations.ts';
import type { RoleOverrides } from '../store/roles.ts';
import type { StoredRoom } from '../store/rooms.ts';
import type { Store } from '../store/store.ts';
import { type DirectoryKey, storedKey } from './directory-key.ts';
import { RevokedTokens } from './revoked.ts';

/** All that the directory knows of the store. Names of two parts are one text, by `nameOf`. */
export interface Snapshot {
  projects: ReadonlySet<string>;
  readonly keys: Map<string, DirectoryKey>;
  /** Keys that do not open: sealed with another master key. */
  readonly broken: readonly string[];
  readonly roles: Map<string, RoleTable>;
  readonly rooms: Map<string, RoomSettings>;
  readonly bans: Map<string, Ban>;
  readonly revoked: RevokedTokens;
  readonly revocations: readonly Revocation[];
}

export const emptySnapshot = (): Snapshot => ({
  ...{ projects: new Set(), keys: new Map(), broken: [], roles: new Map() },
  ...{ rooms: new Map(), bans: new Map(), revoked: new RevokedTokens(), revocations: [] },
});

export async function readSnapshot({ projects, keys, roles, rooms, bans, revocations }: Store): Promise<Snapshot> {
  const read = await Promise.all([projects.list(), keys.openAll(), roles.all(), rooms.all(), bans.all(), revocations.all()]);
  const [allProjects, { opened, broken }, allRoles, allRooms, allBans, allRevocations] = read;
  const revoked = new RevokedTokens();
  for (const revocation of allRevocations) revoked.add(revocation);
  return {
    projects: new Set(allProjects.map(({ id }) => id)),
    keys: new Map(opened.map(key => [key.id, storedKey(key)])),
    broken,
    roles: new Map([...allRoles].map(([project, overrides]) => [project, tableOf(overrides)])),
    rooms: new Map(allRooms.map(room => [nameOf(room.project, room.name), settingsOf(room)])),
    bans: new Map(allBans.map(ban => [nameOf(ban.project, ban.room, ban.userId), ban])),
    revoked,
    revocations: allRevocations,
  };
}

export const nameOf = (...parts: readonly string[]) => JSON.stringify(parts);
export const partsOf = (name: string) => JSON.parse(name) as string[];

const KNOWN_RIGHTS: ReadonlySet<string> = new Set(RIGHTS);

/** Rights that only a newer server knows are not granted here. */
export const tableOf = (overrides: RoleOverrides): RoleTable =>
  Object.fromEntries(
    Object.entries(overrides).map(([role, rights]) => [role, rights.filter((right): right is Right => KNOWN_RIGHTS.has(right))]),
  );

/** What a newer server wrote and this one does not understand is as if it were not set, but for the doors: they stay shut. */
export function settingsOf({ settings }: StoredRoom): RoomSettings {
  const parsed = RoomSettings.safeParse(settings);
  return parsed.success ? parsed.data : { locked: settings.locked === true, lobby: settings.lobby === true };
}
