import type { DirectoryChange } from './directory/directory.ts';
import type { Rooms } from './session.ts';

/** What changed in the directory acts on the calls that run: at once where it was written, within a second on other servers. */
export function applyChange(rooms: Rooms, change: DirectoryChange): void {
  switch (change.type) {
    case 'roles':
      rooms.rolesChanged(change.project);
      break;
    case 'room':
      rooms.applySettings(change.project, change.room, change.settings ?? {});
      break;
    case 'revocation': {
      const { project, jti, userId, room, issuedBefore, reason } = change.revocation;
      rooms.revoke({ project, ...given({ jti, userId, room, issuedBefore }) }, reason);
      break;
    }
    case 'key-revoked':
      rooms.revoke({ project: change.project, key: change.key }, 'The API key of the token was revoked.');
      break;
    case 'webhooks':
      break;
  }
}

/** Without what is undefined: a filter that names nothing of a kind must not name it. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
