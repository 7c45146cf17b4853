import type { FileCounts, TestResult } from './test-result.ts';

/**
 * Environment variable that asks for the files with failures to be run once more, when everything else is done. What
 * fails twice has failed. What passes then is told apart: on a machine that is as busy as all tests make it, a step may
 * take longer than its test allows.
 */
export const CONFIRM = 'SUPPLANT_TEST_CONFIRM';

/** Files; with more of them it is no chance, and the time is better saved. */
const MOST = 8;

/** The files to run again; none where nothing failed, or where running them again would prove nothing. */
export function listDoubtful(exitCode: number, { failed, files = {} }: TestResult): string[] {
  const doubtful = Object.entries(files).filter(([, counts]) => counts.failed > 0);
  const counted = doubtful.reduce((sum, [, counts]) => sum + counts.failed, 0);
  // Mocha exits with the number of failures: more than was counted means that it met something else as well.
  const isAllCounted = counted === failed && exitCode <= failed;
  return isAllCounted && doubtful.length <= MOST ? doubtful.map(([file]) => file) : [];
}

/** What counts after files were run again: their second result, and the first one of all others. */
export function mergeResults(first: TestResult, again: TestResult): TestResult {
  const files: Record<string, FileCounts> = { ...first.files, ...again.files };
  const sum = (of: keyof FileCounts): number => Object.values(files).reduce((total, counts) => total + counts[of], 0);
  const failures = again.failures ?? [];
  const title = (failure: string): string => failure.split('\n', 1).join();
  const twice = new Set(failures.map(title));
  return {
    passed: sum('passed'),
    failed: Math.max(sum('failed'), again.failed),
    pending: sum('pending'),
    failures,
    once: (first.failures ?? []).filter((failure) => !twice.has(title(failure))),
    files,
  };
}
