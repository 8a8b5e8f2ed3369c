/**
 * The set-up cannot continue. Contains one line for the person (empty if something was printed already) and the exit
 * code.
 */
export class SetupError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
