import type { ReaperPolicy, WorkflowFact } from '../../domain/reaper/facts.ts';
import type { ReaperLog } from '../../store/reaper/log.ts';

/** Asks Temporal about workflows. */
export interface WorkflowLookup {
  /** How the newest workflow of that id is; never throws. */
  look(workflowId: string): Promise<WorkflowFact>;
}

/** How the reaper is run. */
export interface ReaperSettings {
  policy: ReaperPolicy;
  /** Between two looks, in milliseconds; Temporal takes whole seconds. */
  everyMs: number;
  /** Between two looks at what every worker reaches, in milliseconds: each is a round of questions to a cloud. */
  sharedEveryMs: number;
}

/** What the reaper needs beside what rollouts do. */
export interface ReaperParts {
  log: ReaperLog;
  workflows: WorkflowLookup;
  settings: ReaperSettings;
}
