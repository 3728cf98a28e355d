import type { Revocation } from '../store/revocations.ts';

/** What is asked of a token. */
export interface TokenFacts {
  readonly project: string;
  readonly jti: string | undefined;
  readonly userId: string;
  readonly room: string;
  readonly issuedAt: number | undefined; // ms since 1970; undefined: it does not say
}

/** Revocations, found by what they name: a look costs the same with ten and with a hundred thousand of them. */
export class RevokedTokens {
  readonly #byId = new Map<string, Revocation>();
  readonly #byName = new Map<string, Map<string, Revocation>>();

  /** By id: added twice it counts once. */
  add(revocation: Revocation): void {
    this.remove(revocation.id);
    this.#byId.set(revocation.id, revocation);
    const name = nameOf(revocation);
    const group = this.#byName.get(name) ?? new Map<string, Revocation>();
    this.#byName.set(name, group.set(revocation.id, revocation));
  }

  remove(id: string): void {
    const revocation = this.#byId.get(id);
    if (revocation === undefined) return;
    this.#byId.delete(id);
    const name = nameOf(revocation);
    const group = this.#byName.get(name);
    group?.delete(id);
    if (group?.size === 0) this.#byName.delete(name);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  get size(): number {
    return this.#byId.size;
  }

  /** The one that ends this token; undefined: none does. */
  find(token: TokenFacts, now: number): Revocation | undefined {
    for (const name of namesOf(token)) {
      for (const revocation of this.#byName.get(name)?.values() ?? []) {
        if (revokes(revocation, token, now)) return revocation;
      }
    }
    return undefined;
  }

  /** Forgets what has expired. */
  prune(now: number): void {
    for (const { id, expiresAt } of this.#byId.values()) if (expiresAt !== undefined && expiresAt <= now) this.remove(id);
  }
}

/** One index: by the narrowest thing that a revocation names. */
function nameOf({ project, jti, userId, room }: Revocation): string {
  if (jti !== undefined) return name(project, 'jti', jti);
  if (userId !== undefined) return name(project, 'user', userId);
  if (room !== undefined) return name(project, 'room', room);
  return name(project, 'all', '');
}

const name = (project: string, kind: string, value: string) => JSON.stringify([project, kind, value]);

function namesOf({ project, jti, userId, room }: TokenFacts): string[] {
  const names = [name(project, 'user', userId), name(project, 'room', room), name(project, 'all', '')];
  return jti === undefined ? names : [name(project, 'jti', jti), ...names];
}

/** All that it names must agree. */
function revokes(revocation: Revocation, token: TokenFacts, now: number): boolean {
  const { project, jti, userId, room, issuedBefore, expiresAt } = revocation;
  if (expiresAt !== undefined && expiresAt <= now) return false;
  if (project !== token.project) return false;
  if (jti !== undefined && jti !== token.jti) return false;
  if (userId !== undefined && userId !== token.userId) return false;
  if (room !== undefined && room !== token.room) return false;
  return issuedBefore === undefined || token.issuedAt === undefined || token.issuedAt <= issuedBefore;
}
