/** Something that the set-up cannot do by itself. Says what is missing and, where there is one, the command that mends it. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} [command]
   */
  constructor(message, command) {
    super(command === undefined ? message : `${message}\n\n    ${command}\n`);
  }
}

/**
 * Ends the process: plainly for what people can mend, with a stack for what is a bug of ours.
 * @param {unknown} error
 * @returns {never}
 */
export function fail(error) {
  console.error(error instanceof SetupError ? `\naqlinks: ${error.message}` : error);
  process.exit(1);
}
