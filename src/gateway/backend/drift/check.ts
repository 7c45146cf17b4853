import { WorkflowFailedError } from '@temporalio/client';
import { ApiError } from '../../../contract/supplant-client.ts';
import { driftIds } from '../../../domain/drift/ids.ts';
import type { RefusedStart, RequestMeta } from '../../../domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../../../domain/service/service.ts';
import { WORKFLOW_TASK_TIMEOUT } from '../../../domain/task-queues.ts';
import { startOnce } from '../../../temporal/start-once.ts';
import { TASK_QUEUE } from '../../../temporal/target.ts';
import { GRPC, readGrpcCode } from '../grpc.ts';
import type { DriftParts } from './parts.ts';
import { recordChange } from './record-change.ts';

/** How long a caller waits for an answer before it is told how far the work is, in milliseconds. */
const WAIT_MS = 7_000;

/** Has stacks looked at, and waits for it; a repeat joins what the first request has begun. */
export async function checkDrift(
  service: ServiceKey | undefined,
  change: RequestMeta,
  parts: DriftParts,
): Promise<string> {
  if (service) await parts.services.status(service);
  const { audit } = await parts.store();
  await recordChange(audit, service, change, { type: 'drift.requested', data: {} });
  const id = service ? driftIds.check(service, change.requestId) : driftIds.checkAll(change.requestId);
  await start(id, service, parts);
  return finish(id, service, parts);
}

async function start(
  workflowId: string,
  service: ServiceKey | undefined,
  { temporal }: Pick<DriftParts, 'temporal'>,
): Promise<void> {
  await startOnce(temporal, 'drift', {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: service ? [{ service }] : [],
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    staticSummary: `look whether ${describe(service)} are as they were made`,
  });
}

async function finish(
  workflowId: string,
  service: ServiceKey | undefined,
  { temporal }: Pick<DriftParts, 'temporal'>,
): Promise<string> {
  const ask = async () => (await temporal.workflow.getHandle(workflowId).result()) as string | RefusedStart;
  try {
    const found = await temporal.connection.withDeadline(Date.now() + WAIT_MS, ask);
    if (typeof found === 'string') return found;
    throw new ApiError('INTERNAL', `the look was refused: ${found.refused}`);
  } catch (error) {
    if (error instanceof WorkflowFailedError) {
      const suggestion = 'ask for it again, under another request id';
      throw new ApiError('UNAVAILABLE', 'somebody has ended the look in Temporal', { suggestion, cause: error });
    }
    if (readGrpcCode(error) !== GRPC.late) throw error;
    throw new ApiError(
      'UNAVAILABLE',
      `${describe(service)} are being looked at, which takes longer than a request may`,
      {
        suggestion: 'repeat the request with the same request id: it is answered once that is done',
        progress: `looking at ${describe(service)}`,
        cause: error,
      },
    );
  }
}

function describe(service: ServiceKey | undefined): string {
  return service ? `the stacks of ${formatServiceId(service)}` : 'all stacks';
}
