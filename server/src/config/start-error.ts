/** Why the server does not start, and what to do about it, in sentences for people: no stack is needed to understand it. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}
