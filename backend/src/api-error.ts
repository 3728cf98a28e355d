import { Problem, type ProblemCode } from '@aqlinks/protocol';

/** The server refused (RFC 9457). The message says what is wrong and what to do. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: ProblemCode | undefined; // undefined: what answered is no aqlinks
  readonly errors: Problem['errors'];
  readonly retryAfter: number | undefined; // seconds

  constructor(status: number, problem: Problem | undefined, retryAfter: number | undefined) {
    super(problem?.detail ?? `The answer has status ${status} and is none of aqlinks. Is the address right?`);
    this.name = 'ApiError';
    this.status = status;
    this.code = problem?.code;
    this.errors = problem?.errors;
    this.retryAfter = retryAfter;
  }

  static async of(response: Response): Promise<ApiError> {
    const body: unknown = await response.json().catch(() => undefined);
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
    return new ApiError(response.status, Problem.safeParse(body).data, Number.isNaN(retryAfter) ? undefined : retryAfter);
  }
}

/** No answer came. */
export class ApiUnreachable extends Error {
  constructor(address: URL, cause: unknown) {
    const { message, cause: inner } = cause as { message?: string; cause?: { code?: string; message?: string } };
    super(`${address.origin} does not answer: ${inner?.code ?? inner?.message ?? message}.`, { cause });
    this.name = 'ApiUnreachable';
  }
}
