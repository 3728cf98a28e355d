import { DEFAULT_PROJECT, type RoleTable, type RoomSettings } from '@aqlinks/protocol';
import { readBanSubject } from '../store/bans.ts';
import type { Change } from '../store/changes.ts';
import type { Revocation } from '../store/revocations.ts';
import { SealBroken } from '../store/seal.ts';
import type { Store } from '../store/store.ts';
import { type DirectoryKey, type EnvironmentKey, environmentKey, storedKey } from './directory-key.ts';
import type { TokenFacts } from './revoked.ts';
import { emptySnapshot, nameOf, partsOf, readSnapshot, type Snapshot, settingsOf, tableOf } from './snapshot.ts';

/** What running calls, and whoever else keeps something of it, must hear of. */
export type DirectoryChange =
  | { readonly type: 'roles'; readonly project: string }
  | { readonly type: 'room'; readonly project: string; readonly room: string; readonly settings: RoomSettings | undefined }
  | { readonly type: 'revocation'; readonly revocation: Revocation }
  | { readonly type: 'key-revoked'; readonly project: string; readonly key: string }
  | { readonly type: 'webhooks'; readonly project: string };

export interface DirectoryOptions {
  readonly store: Store;
  readonly apiKeys: readonly EnvironmentKey[]; // of the default project
  readonly journal: { append(kind: 'ban', payload: unknown): void };
  readonly now: () => number; // ms since 1970
  readonly log: { error(fields: object, message: string): void };
}

/**
 * What the door must know, in memory: a join asks it and waits for nothing. Own writes are here when they resolve, those of other
 * servers within half a second; while the database is away it stays as it was.
 */
export class Directory {
  readonly #options: DirectoryOptions;
  readonly #environment: ReadonlyMap<string, DirectoryKey>;
  readonly #listeners: ((change: DirectoryChange) => void)[] = [];
  #known: Snapshot = emptySnapshot();

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#environment = new Map(options.apiKeys.map(each => [each.id, environmentKey(DEFAULT_PROJECT, each)]));
  }

  /** Reads all, and follows the feed from there. Rejects with `SealBroken` where stored keys were sealed with another master key. */
  async load(): Promise<void> {
    await this.#options.store.changes.follow(news => (news === 'reset' ? this.#reload() : this.#apply(news)));
    this.#known = await readSnapshot(this.#options.store);
    if (this.#known.broken.length > 0) throw new SealBroken();
  }

  /** Each listener hears of a change when it is in force here. */
  onChange(listener: (change: DirectoryChange) => void): void {
    this.#listeners.push(listener);
  }

  hasProject(project: string): boolean {
    return this.#known.projects.has(project);
  }

  /** The key that a token's `iss` names; undefined: there is none, or it was revoked. */
  key(id: string): DirectoryKey | undefined {
    return this.#environment.get(id) ?? this.#known.keys.get(id);
  }

  /** Of `API_KEYS`. */
  get environmentKeys(): readonly DirectoryKey[] {
    return [...this.#environment.values()];
  }

  /** What the project changes in the default table; undefined: nothing. */
  roles(project: string): RoleTable | undefined {
    return this.#known.roles.get(project);
  }

  /** undefined: nothing is set for this room. */
  settings(project: string, room: string): RoomSettings | undefined {
    return this.#known.rooms.get(nameOf(project, room));
  }

  isBanned(project: string, room: string, userId: string): boolean {
    const ban = this.#known.bans.get(nameOf(project, room, userId));
    return ban !== undefined && (ban.expiresAt === undefined || ban.expiresAt > this.#options.now());
  }

  /** By somebody in the room: in force at once, and in the store as soon as the database takes it. */
  ban(
    project: string,
    room: string,
    userId: string,
    { reason = '', until }: { readonly reason?: string; readonly until?: number } = {},
  ): void {
    const ban = { project, room, userId, reason, expiresAt: until };
    this.#known.bans.set(nameOf(project, room, userId), { ...ban, createdAt: this.#options.now() });
    this.#options.journal.append('ban', ban);
  }

  /** The revocation that ends this token; undefined: none does. */
  revocation(token: TokenFacts): Revocation | undefined {
    return this.#known.revoked.find(token, this.#options.now());
  }

  /** After a gap in the feed: whatever may have changed is told. */
  async #reload(): Promise<void> {
    const before = this.#known;
    const after = await readSnapshot(this.#options.store);
    this.#known = after;
    for (const key of after.broken) this.#warnOfSeal(key);
    for (const { id, project } of before.keys.values()) {
      if (!after.keys.has(id)) this.#tell({ type: 'key-revoked', project, key: id });
    }
    for (const project of new Set([...before.roles.keys(), ...after.roles.keys()])) this.#tell({ type: 'roles', project });
    for (const name of new Set([...before.rooms.keys(), ...after.rooms.keys()])) {
      const [project = '', room = ''] = partsOf(name);
      this.#tell({ type: 'room', project, room, settings: after.rooms.get(name) });
    }
    for (const revocation of after.revocations) {
      if (!before.revoked.has(revocation.id)) this.#tell({ type: 'revocation', revocation });
    }
    for (const project of after.projects) this.#tell({ type: 'webhooks', project });
  }

  async #apply(changes: readonly Change[]): Promise<void> {
    for (const change of changes) await this.#applyOne(change);
  }

  /** Each thing is read as it is now: of ten changes of one room nine are looked at for nothing, and none is missed. */
  async #applyOne({ kind, project, subject }: Change): Promise<void> {
    const { store, now } = this.#options;
    const known = this.#known;
    switch (kind) {
      case 'project':
        known.projects = new Set((await store.projects.list()).map(({ id }) => id));
        return;
      case 'key':
        return this.#readKey(project, subject);
      case 'roles':
        known.roles.set(project, tableOf(await store.roles.of(project)));
        return this.#tell({ type: 'roles', project });
      case 'room': {
        const room = await store.rooms.find(project, subject);
        if (room === undefined) known.rooms.delete(nameOf(project, subject));
        else known.rooms.set(nameOf(project, subject), settingsOf(room));
        return this.#tell({ type: 'room', project, room: subject, settings: this.settings(project, subject) });
      }
      case 'ban': {
        const [room, userId] = readBanSubject(subject);
        const ban = await store.bans.find(project, room, userId);
        if (ban === undefined) known.bans.delete(nameOf(project, room, userId));
        else known.bans.set(nameOf(project, room, userId), ban);
        return;
      }
      case 'revocation': {
        const revocation = await store.revocations.find(subject);
        if (revocation === undefined) return known.revoked.remove(subject);
        known.revoked.prune(now());
        known.revoked.add(revocation);
        return this.#tell({ type: 'revocation', revocation });
      }
      case 'webhook':
        return this.#tell({ type: 'webhooks', project });
    }
  }

  async #readKey(project: string, id: string): Promise<void> {
    try {
      const key = await this.#options.store.keys.open(id);
      if (key !== undefined) {
        this.#known.keys.set(id, storedKey(key));
        return;
      }
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      this.#warnOfSeal(id);
    }
    this.#known.keys.delete(id);
    this.#tell({ type: 'key-revoked', project, key: id });
  }

  #warnOfSeal(key: string): void {
    this.#options.log.error({ key }, 'Another server sealed an API key with another MASTER_KEY: the key opens nothing here');
  }

  #tell(change: DirectoryChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
