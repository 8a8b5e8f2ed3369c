/** Thrown when the set-up cannot continue. `message` is printed, unless it is empty. `exitCode` is the exit code of the command. */
export class SetupError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
