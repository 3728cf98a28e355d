import * as z from 'zod';

/** Of every refusal of `/api/v1`: the status, and a title that is the same each time. */
export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request is not as the schema has it' },
  'not-json': { status: 400, title: 'The body is not JSON' },
  'invalid-cursor': { status: 400, title: 'The cursor is not one of this list' },
  unauthorized: { status: 401, title: 'The credentials are missing or wrong' },
  'token-refused': { status: 401, title: 'The token is not valid' },
  forbidden: { status: 403, title: 'These credentials may not do this' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'method-not-allowed': { status: 405, title: 'This address does not know this method' },
  'already-exists': { status: 409, title: 'There is one already' },
  conflict: { status: 409, title: 'This cannot be done now' },
  'idempotency-in-progress': { status: 409, title: 'The first request with this Idempotency-Key is not answered yet' },
  'too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is not application/json' },
  'idempotency-mismatch': { status: 422, title: 'This Idempotency-Key was used for another request' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'This failed on our side' },
  unavailable: { status: 503, title: 'This cannot be done at the moment' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;
export const ProblemCode = z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]);

export const problemType = (code: ProblemCode) => `urn:aqlinks:problem:${code}`;

/** Body of every refusal of `/api/v1`, as application/problem+json (RFC 9457). */
export const Problem = z
  .object({
    type: z.string().meta({ description: 'The kind of problem, as a URN: `urn:aqlinks:problem:` and the code.' }),
    title: z.string().meta({ description: 'The kind of problem in words; the same each time.' }),
    status: z.int().meta({ description: 'The HTTP status.' }),
    detail: z.string().meta({ description: 'What is wrong this time, and what to do.' }),
    code: ProblemCode.meta({ description: 'The kind of problem, for programs.' }),
    errors: z
      .array(
        z.object({
          pointer: z.string().meta({ description: 'Where in the body (RFC 6901, such as `#/ttl`), or `?name` of the query.' }),
          detail: z.string(),
        }),
      )
      .optional()
      .meta({ description: 'Each thing that is wrong with the request.' }),
  })
  .meta({ id: 'Problem', description: 'Why it was refused (RFC 9457).' });
export type Problem = z.infer<typeof Problem>;
