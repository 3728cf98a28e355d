import type { Project } from '@aqlinks/protocol';
import { type Columns, showPage, showThing } from '../output.ts';
import type { Noun } from '../verb.ts';
import { given, PAGING, pageOf } from './paging.ts';

const COLUMNS: Columns<Project> = {
  project: project => project.project,
  name: project => project.name,
  created: project => project.created_at,
};

export const projects: Noun = {
  summary: 'projects, each with rooms, keys, roles and webhooks of its own',
  verbs: {
    list: {
      summary: 'list the projects of the server',
      options: PAGING,
      async run(asked) {
        return showPage(asked, await asked.api.listProjects({ query: pageOf(asked) }), COLUMNS, 'There are no projects.');
      },
    },
    create: {
      summary: 'create a project',
      args: ['PROJECT'],
      options: { name: { value: 'TEXT', summary: 'for people' } },
      examples: ['projects create school --name "The school"', 'keys create --project school'],
      async run(asked) {
        const body = { project: asked.arg('PROJECT'), ...given({ name: asked.option('name') }) };
        return showThing(asked, await asked.api.createProject({ body }));
      },
    },
  },
};
