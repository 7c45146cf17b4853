import type { ExactBlueprint } from '../service/revision.ts';
import type { RunRef } from './run.ts';

/**
 * A right to a stack, with an end. It is recorded before the stack exists, and until the stack is gone; what is past its
 * lease belongs to the reaper.
 */
export interface Lease {
  /** The stack's name, and that of its project: the environment. */
  project: string;
  stack: string;
  run: RunRef;
  variant: string;
  /** The workflow that looks after it, and its first run: what Temporal is asked for. */
  workflowId: string;
  firstRunId: string;
  /** What the stack is made from. */
  artifact: string;
  blueprint: ExactBlueprint;
  /** ISO 8601. */
  takenAt: string;
  deadlineAt: string;
}
