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
  phases: PhaseStatus[];
  /** How it ended, in one line. */
  ending?: string;
  seconds?: number;
}

/** A revision as the router sees it; one that is in no route gets nothing. */
export interface TrafficScene {
  revision: number;
  weight: number;
  served: number;
}
