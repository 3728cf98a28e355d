/** A room's name among the rooms of a project. */
export interface RoomName {
  readonly project: string;
  readonly room: string;
}

/** Neither part has control characters (`protocol/src/claims.ts`), so no two rooms share a key. */
export const keyOf = ({ project, room }: RoomName) => `${project}\n${room}`;
