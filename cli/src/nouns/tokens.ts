import { UsageError } from '../command.ts';
import { showThing } from '../output.ts';
import type { Asked, Noun } from '../verb.ts';
import { given } from './paging.ts';

export const tokens: Noun = {
  summary: 'tokens, issued and taken back by the server; `aqlinks token` signs one without it',
  verbs: {
    issue: {
      summary: 'issue a token, with the address to join at',
      args: ['USER'],
      options: {
        room: { value: 'ROOM', summary: 'the room; without one its holder chooses' },
        type: { value: 'ROLE', summary: 'host, presenter, guest, viewer or your own; default: guest' },
        name: { value: 'TEXT', summary: 'what others see' },
        ttl: { value: 'DURATION', summary: 'how long it is valid, such as 30m; default: 24h' },
      },
      examples: ['tokens issue alice --room meeting-room-1 --type host'],
      async run(asked) {
        const { option } = asked;
        const rest = given({ room: option('room'), user_type: option('type'), name: option('name'), ttl: option('ttl') });
        return showThing(asked, await asked.api.issueToken({ body: { user_id: asked.arg('USER'), ...rest } }));
      },
    },
    refresh: {
      summary: 'follow up a token that is still valid',
      args: ['TOKEN'],
      async run(asked) {
        return showThing(asked, await asked.api.refreshToken({ body: { token: asked.arg('TOKEN') } }));
      },
    },
    revoke: {
      summary: 'take tokens back; whoever is in a call with one is removed within a second',
      options: {
        user: { value: 'USER', summary: 'those of this user' },
        room: { value: 'ROOM', summary: 'those of this room' },
        jti: { value: 'ID', summary: 'the one with this id' },
        token: { value: 'TOKEN', summary: 'this one' },
        until: { value: 'TIME', summary: 'refuse every token of the user or room until then' },
        reason: { value: 'TEXT', summary: 'for the audit log, and for those who are removed' },
      },
      examples: ['tokens revoke --user mallory --reason "left the company"'],
      async run(asked) {
        const details = given({ until: asked.option('until'), reason: asked.option('reason') });
        return showThing(asked, await asked.api.revokeTokens({ body: { ...which(asked), ...details } }));
      },
    },
  },
};

function which({ option }: Asked) {
  const [user_id, room, jti, token] = ['user', 'room', 'jti', 'token'].map(option);
  const named = Object.entries({ user_id, room, jti, token }).filter(([, value]) => value !== undefined);
  if (named.length !== 1) throw new UsageError('Say which, by exactly one of --user, --room, --jti and --token.');
  return Object.fromEntries(named) as { user_id: string };
}
