import { readFileSync } from 'node:fs';

/** Environment variable that names the file for mocha's counts. */
export const RESULT_FILE = 'SUPPLANT_TEST_RESULT';

export interface TestResult {
  readonly passed: number;
  readonly failed: number;
  readonly pending: number;
  /** What failed and how, in a few lines each. */
  readonly failures?: readonly string[];
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
  return [...(result.failures ?? []), countLine(result)].join('\n');
}

export function countLine({ passed, failed, pending }: TestResult): string {
  const line = `${passed} passed, ${failed} failed`;
  return pending > 0 ? `${line}, ${pending} skipped` : line;
}
