import {
  type Client,
  type Workflow,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowStartOptions,
} from '@temporalio/client';

/**
 * Starts a workflow, unless one of that id runs, or, with the reuse policy `REJECT_DUPLICATE`, has ever run. False where there
 * is one.
 */
export async function startOnce<T extends Workflow>(
  { workflow }: Pick<Client, 'workflow'>,
  type: string | T,
  options: WorkflowStartOptions<T>,
): Promise<boolean> {
  try {
    await workflow.start(type, options);
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
