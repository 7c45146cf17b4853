import type { ExperimentSpec } from './experiment.ts';
import type { RunStatus } from './run.ts';

/** An experiment as people and programs see it. */
export interface ExperimentView {
  spec: ExperimentSpec;
  /** Who lets it not run by itself, since when (ISO 8601), and why. */
  paused?: { by: string; at: string; reason?: string };
  /** When it runs by itself next, ISO 8601; at most 5. */
  nextRuns: string[];
  /** What goes on, the oldest first. */
  openRuns: RunView[];
  /** The last run that is over. */
  lastRun?: RunView;
  /** What is wrong with it although no run says so, in words. */
  warnings: string[];
}

/** A run as people and programs see it. */
export interface RunView {
  status: RunStatus;
  /** What happened, what it waits for, and what can be done, in plain sentences. */
  sentences: string[];
  /** The run in the Temporal UI, where its address is known. */
  uiLink?: string;
}
