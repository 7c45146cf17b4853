import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Finding } from './findings.ts';
import type { FaultKind, ProviderFault } from './plan.ts';

/** What came of one run; a line of the results file. */
export interface RunResult {
  seed: number;
  /** Of the sources it was made with. */
  commit: string;
  findings: Finding[];
  /** Faults that found what they were to strike, and those that did not: an engine lives for a second. */
  struck: FaultKind[];
  missed: FaultKind[];
  provider: ProviderFault[];
  rollouts: number;
  requests: number;
  /** Failed requests that an outage explains. */
  excused: number;
  seconds: number;
}

export function addResult(path: string, result: RunResult): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${JSON.stringify(result)}\n`);
}

export function readResults(path: string): RunResult[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunResult);
}
