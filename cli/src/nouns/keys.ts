import type { ApiKey } from '@aqlinks/protocol';
import { type Columns, showDone, showPage, showThing } from '../output.ts';
import type { Noun } from '../verb.ts';
import { given, PAGING, pageOf } from './paging.ts';

const COLUMNS: Columns<ApiKey> = {
  id: key => key.id,
  name: key => key.name,
  created: key => key.created_at ?? 'API_KEYS',
  rotated: key => key.rotated_at,
  revoked: key => key.revoked_at,
};

export const keys: Noun = {
  summary: 'API keys, which sign tokens and open the REST interface',
  verbs: {
    list: {
      summary: 'list the keys of the project, without their secrets',
      options: PAGING,
      async run(asked) {
        const page = await asked.api.listKeys({ query: pageOf(asked) });
        return showPage(asked, page, COLUMNS, 'There are no keys. Create one with: aqlinks keys create');
      },
    },
    create: {
      summary: 'create a key; its secret is shown this once',
      options: { name: { value: 'TEXT', summary: 'what it is used for' } },
      examples: ['keys create --name backend'],
      async run(asked) {
        return showThing(asked, await asked.api.createKey({ body: given({ name: asked.option('name') }) }));
      },
    },
    rotate: {
      summary: 'give a key a new secret; the former one is taken as well for a while',
      args: ['KEY'],
      options: { overlap: { value: 'DURATION', summary: 'for how long, such as 1h; 0: not at all; default: 24h' } },
      async run(asked) {
        const body = given({ overlap: asked.option('overlap') });
        return showThing(asked, await asked.api.rotateKey({ params: { key: asked.arg('KEY') }, body }));
      },
    },
    revoke: {
      summary: 'revoke a key; whoever is in a call with a token of it is removed',
      args: ['KEY'],
      async run(asked) {
        await asked.api.revokeKey({ params: { key: asked.arg('KEY') } });
        return showDone(asked, `Revoked ${asked.arg('KEY')}.`);
      },
    },
  },
};
