import { PROBLEMS, type Problem, type ProblemCode, problemType } from '@aqlinks/protocol';
import type * as z from 'zod';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

type Wrong = NonNullable<Problem['errors']>[number];

/** A refusal of `/api/v1`. The detail is for people and never quotes what was sent. */
export class ApiProblem extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly Wrong[];
  readonly retryAfter: number | undefined; // seconds

  constructor(
    code: ProblemCode,
    detail: string,
    { errors = [], retryAfter }: { errors?: readonly Wrong[]; retryAfter?: number } = {},
  ) {
    super(detail);
    this.name = 'ApiProblem';
    this.code = code;
    this.errors = errors;
    this.retryAfter = retryAfter;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  get body(): Problem {
    return {
      type: problemType(this.code),
      title: PROBLEMS[this.code].title,
      status: this.status,
      detail: this.message,
      code: this.code,
      ...(this.errors.length === 0 ? {} : { errors: [...this.errors] }),
    };
  }
}

/** Also of what another project has: whether it is there is nobody else's business. */
export const notFound = (what: string) => new ApiProblem('not-found', `There is no such ${what} in this project.`);

const MAX_ERRORS = 20;

/** What a schema found wrong, each with its place: `#/ttl` in the body (RFC 6901), `?limit` in the query. */
export function invalid(error: z.ZodError, where: 'body' | 'query' | 'path'): ApiProblem {
  const issues = flat(error.issues, []);
  const errors = issues.slice(0, MAX_ERRORS).map(({ path, message }) => ({ pointer: pointerOf(path, where), detail: message }));
  const [first] = errors;
  const detail = first === undefined ? `The ${where} is invalid.` : `Correct ${first.pointer}: ${first.detail}.`;
  return new ApiProblem('invalid-request', detail, { errors });
}

interface Found {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Of a union, what is wrong with the member that came nearest. */
function flat(issues: readonly z.core.$ZodIssue[], before: readonly PropertyKey[]): Found[] {
  return issues.flatMap(issue => {
    const path = [...before, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.slice(0, MAX_ERRORS).map(key => ({ path: [...path, key.slice(0, 64)], message: 'is not known here' }));
    }
    if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ path, message: issue.message }];
    const nearest = issue.errors.reduce((best, each) => (each.length < best.length ? each : best));
    return flat(nearest, path);
  });
}

function pointerOf(path: readonly PropertyKey[], where: 'body' | 'query' | 'path'): string {
  if (where === 'query') return `?${path.join('.')}`;
  if (where === 'path') return `{${path.join('.')}}`;
  return `#${path.map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`;
}
