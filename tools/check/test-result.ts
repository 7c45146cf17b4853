import { readFileSync } from 'node:fs';

/** Environment variable that names the file for mocha's counts. */
export const RESULT_FILE = 'SUPPLANT_TEST_RESULT';

export interface FileCounts {
  readonly passed: number;
  readonly failed: number;
  readonly pending: number;
}

export interface TestResult extends FileCounts {
  /** What failed and how, in a few lines each. */
  readonly failures?: readonly string[];
  /** What failed, and passed when its file was run again; as {@link failures}. */
  readonly once?: readonly string[];
  /** The counts of each test file. */
  readonly files?: Readonly<Record<string, FileCounts>>;
}

/** What mocha counted; a run that ended before it could count is one failure, never a silent nothing. */
export function readTestResult(file: string): TestResult {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestResult;
  } catch {
    return { passed: 0, failed: 1, pending: 0 };
  }
}

/** The failures once more, where a long output after them has hidden them, and the counts as its last line. */
export function summary(result: TestResult): string {
  return [...onceLines(result), ...(result.failures ?? []), countLine(result)].join('\n');
}

/** What failed only once; for mocha's own list of failures ends with those of its last run. */
export function onceLines({ once = [] }: TestResult): string[] {
  return once.map((failure) => `passed when run again: ${failure}`);
}

export function countLine({ passed, failed, pending }: TestResult): string {
  const line = `${passed} passed, ${failed} failed`;
  return pending > 0 ? `${line}, ${pending} skipped` : line;
}
