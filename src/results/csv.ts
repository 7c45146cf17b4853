import type { RunResults } from '../domain/experiment/run.ts';

/** What a run has found out as a table for spreadsheets. */
export function formatResultsCsv(_results: RunResults): string {
  throw new Error('not built yet');
}
