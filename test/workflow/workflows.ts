import { ParentClosePolicy, startChild } from '@temporalio/workflow';

export { drift, experiment, reap, reaper, rollout, service, teardown } from '../../src/workflows/index.ts';

/** Starts a workflow as the one whose id this bears would, and ends. */
export async function startChildOf(type: string, workflowId: string, task: object, attributes: never[]): Promise<void> {
  await startChild(type, {
    workflowId,
    args: [task],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    typedSearchAttributes: attributes,
  });
}
