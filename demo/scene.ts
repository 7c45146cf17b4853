import type { RunPhaseStatus } from '../src/domain/experiment/run.ts';
import type { PhaseStatus } from '../src/domain/rollout/status.ts';
import type { Chapter } from './chapters.ts';
import type { LoadReport } from './load-counts.ts';

/** Everything the live view draws from. */
export interface Scene {
  elapsedMs: number;
  chapters: ChapterScene[];
  traffic: TrafficScene[];
  load?: LoadReport;
  /** Where clients connect. */
  address?: string;
  temporalUi?: string;
  /** What goes on outside of the chapters: `starting supplant dev`. */
  meanwhile?: string;
}

export interface ChapterScene extends Chapter {
  state: 'pending' | 'running' | 'done' | 'failed';
  /** Of what it has asked for. */
  phases: PhaseScene[];
  /** How it ended, in one line. */
  ending?: string;
  /** What it has found out, in a sentence. */
  found?: string;
  seconds?: number;
}

/** A part of a rollout, or of a run. */
export type PhaseScene = PhaseStatus | RunPhaseStatus;

/** A revision as the router sees it; one that is in no route gets nothing. */
export interface TrafficScene {
  revision: number;
  weight: number;
  served: number;
}
