import * as z from 'zod';
import { text } from '../text.ts';
import { duration, pageOf, Time } from './values.ts';

/** Of a project: part of addresses and of logs. */
export const ProjectId = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must be small letters, digits, and hyphens between them')
  .meta({ description: 'Small letters, digits, and hyphens between them.' });

export const Project = z.object({ project: ProjectId, name: z.string(), created_at: Time }).meta({ id: 'Project' });
export type Project = z.infer<typeof Project>;

export const Projects = pageOf(Project).meta({ id: 'Projects' });

/** `POST /projects` */
export const CreateProject = z
  .strictObject({ project: ProjectId, name: text(256, 0).default('').meta({ description: 'For people.' }) })
  .meta({ id: 'CreateProject', examples: [{ project: 'school', name: 'The school' }] });
export type CreateProject = z.infer<typeof CreateProject>;

const KeyName = text(256, 0).meta({ description: 'For people: what it is used for.' });

/** `POST /keys` */
export const CreateKey = z.strictObject({ name: KeyName.default('') }).meta({ id: 'CreateKey', examples: [{ name: 'backend' }] });
export type CreateKey = z.infer<typeof CreateKey>;

/** An API key, without its secret. */
export const ApiKey = z
  .object({
    id: z.string().meta({
      description: '`iss` of the tokens that it signs; the part before the colon of `Authorization: Bearer id:secret`.',
    }),
    name: z.string(),
    created_at: Time.nullable().meta({ description: 'null: it comes from API_KEYS in the environment.' }),
    rotated_at: Time.nullable(),
    previous_until: Time.nullable().meta({ description: 'Until when its former secret is taken as well; null: it is not.' }),
    revoked_at: Time.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

export const ApiKeys = pageOf(ApiKey).meta({ id: 'ApiKeys' });

export const CreatedKey = ApiKey.extend({
  secret: z.string().meta({ description: 'It is shown this once.' }),
}).meta({ id: 'CreatedKey' });
export type CreatedKey = z.infer<typeof CreatedKey>;

/** `POST /keys/{key}/rotate` */
export const RotateKey = z
  .strictObject({
    overlap: duration(0, 30 * 86_400)
      .default(86_400)
      .meta({ description: 'How long the former secret is taken as well: seconds, or a text such as `1h`; 0: not at all.' }),
  })
  .meta({ id: 'RotateKey', examples: [{ overlap: '1h' }] });
export type RotateKey = z.infer<typeof RotateKey>;
