import { API_PREFIX, OPERATIONS, type Operation, PROBLEMS, Problem, type ProblemCode, ProjectId } from '@aqlinks/protocol';
import * as z from 'zod';
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';

const DESCRIPTION = `Lists come in pages: give \`next_cursor\` as \`cursor\` for the next one. Times are RFC 3339 in UTC. Refusals are problem details (RFC 9457).

An API key acts in its project, and other projects do not exist for it. So does an admin token: a JWT with the claim \`aud: "aqlinks-admin"\`, signed with its secret.
One that is signed with the JWT_SECRET of the server acts in any project, by \`?project=\`.`;

/** The groups of the page, by the first word of the address. */
const TAGS: Readonly<Record<string, string>> = {
  tokens: 'Tokens',
  rooms: 'Rooms',
  participants: 'Participants',
  audit: 'Audit log',
  sessions: 'Sessions',
  webhooks: 'Webhooks',
  keys: 'API keys',
  roles: 'Roles',
  projects: 'Projects',
};

/** The OpenAPI 3.1 document of the very schemas that requests are checked with. */
export function openApiDocument(version: string): ReturnType<typeof createDocument> {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const [name, operation] of Object.entries(OPERATIONS) as [string, Operation][]) {
    const [method = '', path = ''] = operation.at.split(' ');
    const address = `${API_PREFIX}${path}`;
    paths[address] = { ...paths[address], [method.toLowerCase()]: describe(name, operation) };
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: {
      title: 'aqlinks',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: Object.values(TAGS).map(tag => ({ name: tag })),
    security: [{ credentials: [] }],
    paths,
    components: {
      securitySchemes: {
        credentials: { type: 'http', scheme: 'bearer', description: 'An API key as `ID:SECRET`, or an admin token.' },
      },
    },
  };
  return createDocument(document, { override: readable });
}

/** For other dialects of regular expressions than ours. `format` says what a date is; its pattern is 300 characters long. */
function readable({ jsonSchema }: { jsonSchema: { format?: string; pattern?: string } }): void {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.pattern !== undefined) jsonSchema.pattern = jsonSchema.pattern.replace('\\p{Cc}', '\\x00-\\x1f\\x7f-\\x9f');
}

function describe(operationId: string, operation: Operation): ZodOpenApiOperationObject {
  const { summary, description, access = 'project', params, query, body, idempotent } = operation;
  const project = access === 'project' ? { project: PROJECT } : {};
  return {
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tagOf(operation)],
    ...(access === 'holder' ? { security: [{}, { credentials: [] }] } : {}),
    requestParams: {
      ...(params === undefined ? {} : { path: params }),
      query: z.object({ ...query?.shape, ...project }),
      ...(idempotent === true ? { header: IDEMPOTENT } : {}),
    },
    ...(body === undefined ? {} : { requestBody: { required: needed(body), content: { 'application/json': { schema: body } } } }),
    responses: { ...success(operation), ...refusals(operation) },
  };
}

const PROJECT = ProjectId.optional().meta({
  description: 'In which project it acts: for the operator of the server. Default: `default`.',
});

const IDEMPOTENT = z.object({
  'Idempotency-Key': z
    .string()
    .min(1)
    .max(255)
    .regex(/^[\x21-\x7e]+$/)
    .optional()
    .meta({
      description:
        'Any text, such as a UUID. A request that is sent again with the same one, within a day, gets the first answer.',
    }),
});

function tagOf({ at }: Operation): string {
  const words = (at.split(' ')[1] ?? '').split('/');
  return TAGS[words[1] === 'rooms' && words[3] === 'participants' ? 'participants' : (words[1] ?? '')] ?? 'Other';
}

/** Whether it says something that has no default. */
const needed = (body: z.ZodType) => !body.safeParse({}).success;

function success({ answer, created, lines }: Operation): ZodOpenApiResponsesObject {
  if (created !== undefined) return { 201: { description: 'Done.', content: { 'application/json': { schema: created } } } };
  if (answer !== undefined) return { 200: { description: 'Here it is.', content: { 'application/json': { schema: answer } } } };
  if (lines)
    return { 200: { description: 'A JSON object a line.', content: { 'application/x-ndjson': { schema: z.string() } } } };
  return { 204: { description: 'Done.' } };
}

/** Each status once, with the codes that it may come with. */
function refusals(operation: Operation): ZodOpenApiResponsesObject {
  const { body, idempotent, access } = operation;
  const possible: Partial<Record<ProblemCode, boolean>> = {
    'invalid-request': true,
    'invalid-cursor': operation.query !== undefined && 'cursor' in operation.query.shape,
    'not-json': body !== undefined,
    unauthorized: true,
    'token-refused': true,
    forbidden: access !== undefined,
    'not-found': true,
    'already-exists': operation.created !== undefined,
    conflict: !operation.at.startsWith('GET'),
    'idempotency-in-progress': idempotent === true,
    'too-large': true,
    'unsupported-media-type': true,
    'idempotency-mismatch': idempotent === true,
    'too-many-requests': true,
    internal: true,
    unavailable: true,
  };
  const byStatus = new Map<number, ProblemCode[]>();
  for (const [code, applies] of Object.entries(possible) as [ProblemCode, boolean][]) {
    const { status } = PROBLEMS[code];
    if (applies) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const entries = [...byStatus].map(([status, codes]) => {
    const description = codes.map(code => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' ');
    return [String(status), { description, content: { 'application/problem+json': { schema: Problem } } }] as const;
  });
  return Object.fromEntries(entries);
}
