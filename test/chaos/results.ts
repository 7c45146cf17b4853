import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Finding } from './findings.ts';
import type { GuardTally } from './guards/tally.ts';
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
  /** What came of a finding: written by hand. */
  note?: string;
  /** Fresh baselines that were begun; absent of runs from before there were any. */
  baselines?: number;
  /** Of one with gates and hooks. */
  guards?: GuardTally;
  /** Not of a run, but of the end of the world that several were in; the seed is the last one's. */
  worldEnd?: true;
}

/** What was wrong when a world was ended, after its last run. */
export function endOfWorld({ seed, commit }: RunResult, text: string): RunResult {
  const nothing = { struck: [], missed: [], provider: [], rollouts: 0, requests: 0, excused: 0, seconds: 0 };
  return { seed, commit, ...nothing, findings: [{ kind: 'leaked', text }], worldEnd: true };
}

export function addResult(path: string, result: object): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${JSON.stringify(result)}\n`);
}

export function readResults<Result = RunResult>(path: string): Result[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Result);
}
