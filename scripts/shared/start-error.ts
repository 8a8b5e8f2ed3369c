/** Something that keeps a command from starting and that its person can put right: printed as one line, exit code 1. */
export class StartError extends Error {
  override name = 'StartError';
}

/** Runs a command's main function: its result is the exit code, a {@link StartError} one clear line. */
export async function runCommand(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
