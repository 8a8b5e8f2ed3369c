/**
 * A problem that prevents a command from starting and that the person can fix. It is printed without a stack. Default
 * exit code: 1.
 */
export class StartError extends Error {
  override name = 'StartError';
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs a command's main function, which resolves to the exit code. Of a {@link StartError} only the message is printed. */
export async function runCommand(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}
