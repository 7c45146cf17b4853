import { WorkflowNotFoundError } from '@temporalio/client';

/** What was asked of a workflow; undefined where there is no such workflow, or not any more. */
export async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
