import { type Moderation, RIGHT_TO_PUBLISH, type Right, type Source } from '@aqlinks/protocol';
import { RequestError } from '../session.ts';
import type { Person } from './person.ts';

/** What it takes to do something to others, or to the room. */
export const RIGHT_TO_MODERATE: Readonly<Record<Moderation['action'], Right>> = {
  mute: 'mute-others',
  'stop-video': 'mute-others',
  'ask-unmute': 'mute-others',
  'set-role': 'change-roles',
  admit: 'admit',
  remove: 'remove',
  lock: 'lock',
  lobby: 'lock',
  end: 'end',
};

/** Throws where the person does not have the right. */
export function demand(person: Person, right: Right, what: string): void {
  if (!person.rights.has(right))
    throw notAllowed(`You may not ${what}: the role ${person.role} does not have the right ${right}.`);
}

export function demandToPublish(person: Person, source: Source): void {
  demand(person, RIGHT_TO_PUBLISH[source], `publish your ${source}`);
}

/** Nobody sends away or changes somebody who may more than they do, nor gives rights that they do not have. */
export function demandAuthority(actor: Person, over: ReadonlySet<Right>, what: string): void {
  for (const right of over)
    if (!actor.rights.has(right)) throw notAllowed(`You may not ${what}: it takes the right ${right}, which you do not have.`);
}

export const notAllowed = (message: string) => new RequestError('not-allowed', message);
export const notHere = () => new RequestError('not-found', 'This participant is not in the room any more.');
