import type { Client } from '@temporalio/client';
import type { Wait } from '../../domain/rollout/rollout.ts';
import { findTaskFailure } from '../../temporal/failed-task.ts';
import { ifThere } from '../../temporal/if-there.ts';
import { readGrpcCode } from './grpc.ts';

/** How long Temporal may take to say how a workflow is, in milliseconds. */
const LOOK_MS = 1_500;

/** So often a workflow's task has been begun when its failing is no accident any more. */
const ATTEMPTS_OF_SICK = 3;

/** Of what is told of a failure, in characters. */
const LONGEST_MESSAGE = 300;

const WHO = 'whoever runs the workers: their log (logs/worker.log in the data folder) names the fault';

const GOES_ON = { endedBy: WHO, then: 'it goes on where it was; requests are answered again' };

/** By `StuckWorkflows`, of each worker. */
const BEGUN_AFRESH = {
  endedBy: 'a worker, which begins it afresh a minute or so after its first failure',
  then: 'it goes on from what is recorded',
};

/**
 * What keeps a workflow from its work, by what Temporal knows of it: no worker is needed to say so. Undefined where nothing
 * does. Never fails: where Temporal does not say, that is what keeps it.
 */
export async function diagnoseWorkflow(temporal: Client, workflowId: string): Promise<Wait | undefined> {
  try {
    return await temporal.connection.withDeadline(Date.now() + LOOK_MS, () => look(temporal, workflowId));
  } catch (error) {
    const what = `Temporal, which does not say how its workflow is: ${messageOf(error)}`;
    return {
      on: what,
      since: new Date().toISOString(),
      endedBy: 'whoever runs Temporal',
      then: 'it goes on by itself',
    };
  }
}

async function look(temporal: Client, workflowId: string): Promise<Wait | undefined> {
  const handle = temporal.workflow.getHandle(workflowId);
  const described = await ifThere(handle.describe());
  if (described?.status.name === 'RUNNING') {
    const { attempt = 0, originalScheduledTime } = described.raw.pendingWorkflowTask ?? {};
    if ((attempt ?? 0) < ATTEMPTS_OF_SICK) return undefined;
    const failure = await findTaskFailure(temporal, workflowId);
    return {
      on: `its workflow, whose task fails (attempt ${attempt})${failure ? `: ${failure.message.slice(0, LONGEST_MESSAGE)}` : ''}`,
      since: timeOf(originalScheduledTime) ?? described.startTime.toISOString(),
      ...(failure?.isUnreplayable && described.type === 'service' ? BEGUN_AFRESH : GOES_ON),
    };
  }
  const ended = described?.closeTime;
  const how = described ? `has ${described.status.name.toLowerCase().replaceAll('_', ' ')}` : 'is not there';
  return {
    on: `its workflow, which ${how}`,
    since: (ended ?? new Date()).toISOString(),
    endedBy: `a worker, within 15 s, or the next request. If that is so again and again: ${WHO}`,
    then: 'it goes on from what is recorded',
  };
}

function timeOf(at: { seconds?: { toString(): string } | null } | null | undefined): string | undefined {
  const seconds = Number(at?.seconds?.toString() ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? new Date(seconds * 1000).toISOString() : undefined;
}

function messageOf(error: unknown): string {
  const code = readGrpcCode(error);
  if (code === 4 || code === 1) return 'no answer in time';
  return error instanceof Error ? error.message.slice(0, LONGEST_MESSAGE) : String(error);
}
