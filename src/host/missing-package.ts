/**
 * The package that an import did not find, where that is why it failed. Some are installed only by those who need them.
 */
export function readMissingPackage(error: unknown): string | undefined {
  return error instanceof Error ? /Cannot find package '([^']+)'/.exec(error.message)?.[1] : undefined;
}

/**
 * Loads what not everybody has installed.
 * @throws Error fit to show, with the package to install, where it is not there
 */
export async function loadOptional<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  try {
    return await load();
  } catch (error) {
    const missing = readMissingPackage(error);
    if (missing === undefined) throw error;
    throw new Error(`it takes the package ${missing}, which is not installed; install it beside Supplant`, {
      cause: error,
    });
  }
}
