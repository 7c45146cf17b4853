/**
 * The package that an import did not find, where that is why it failed. Some are installed only by those who need them.
 */
export function readMissingPackage(error: unknown): string | undefined {
  return error instanceof Error ? /Cannot find package '([^']+)'/.exec(error.message)?.[1] : undefined;
}
