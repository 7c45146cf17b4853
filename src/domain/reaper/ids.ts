import type { StackName } from './facts.ts';

const LOOK = 'supplant/reaper';

/** Ids in Temporal; what people see in its UI. */
export const reaperIds = {
  /** Of the schedule. */
  schedule: LOOK,
  /** What the schedule makes the ids of looks from, with the time behind it. */
  look: LOOK,
  /** Of the workflow that destroys a stack. */
  reap: ({ project, stack }: StackName): string => `reap/${project}/${stack}`,
};

/** Whether a workflow of that id is a look of the reaper, as its schedule starts them. */
export function isLook(workflowId: string): boolean {
  return workflowId.startsWith(`${LOOK}-`);
}
