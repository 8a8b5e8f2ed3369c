/** The set-up can not go on: one line for the person (or none, if something has spoken already), and the exit code. */
export class SetupError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
