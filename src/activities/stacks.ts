import { log } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import type { RolloutRef } from '../domain/requests.ts';
import { type Endpoint, type Revision, endpointUrl, stackName } from '../domain/revision.ts';
import { writeOrder } from '../domain/write-order.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { OperationAborted, type StackDriver, StackError, type StackInput } from '../stacks/driver.ts';
import { passing, permanent } from './failures.ts';
import { beating } from './heartbeat.ts';
import type { Journal } from './journal.ts';

export interface StackTask {
  ref: RolloutRef;
  revision: Revision;
}

export interface ProvisionResult {
  endpoints: Endpoint[];
}

export interface DestroyTask extends StackTask {
  /** What the revision is afterwards. */
  becomes: 'retired' | 'failed';
  because: string;
}

/** Creates and destroys revisions' stacks. A retry of either finds what the attempt before left and goes on from there. */
export function stackActivities(stacks: StackDriver, catalogue: Catalogue, journal: Journal) {
  return {
    async provision({ ref, revision }: StackTask): Promise<ProvisionResult> {
      const stack = stackName(revision.service, revision.number);
      const step = `r${revision.number}`;
      await journal.writeFirst(ref, 'stack.provisioning', step, {
        stack,
        artifact: revision.artifact,
        blueprint: revision.blueprint.name,
        digest: revision.blueprint.digest,
      });
      const { endpoints } = await engine('provision', (context) => stacks.provision(stackInput(revision), context));
      await catalogue.saveRevision(
        { ...revision, state: 'ready', since: new Date().toISOString(), endpoints },
        writeOrder(ref.number, 'provision'),
      );
      await journal.writeFirst(ref, 'stack.provisioned', step, { stack, endpoints: endpoints.map(endpointUrl) });
      return { endpoints };
    },

    async destroy({ ref, revision, becomes, because }: DestroyTask): Promise<void> {
      const stack = stackName(revision.service, revision.number);
      const step = `r${revision.number}`;
      await journal.writeFirst(ref, 'stack.destroying', step, { stack }, because);
      await engine('destroy', (context) => stacks.destroy(stackInput(revision), context));
      await catalogue.saveRevision(
        { ...revision, state: becomes, since: new Date().toISOString(), endpoints: [] },
        writeOrder(ref.number, 'destroy'),
      );
      await journal.writeFirst(ref, 'stack.destroyed', step, { stack }, because);
    },
  };
}

function stackInput(revision: Revision): StackInput {
  return {
    service: revision.service,
    revision: revision.number,
    artifact: revision.artifact,
    blueprint: revision.blueprint,
  };
}

type Operation = 'provision' | 'destroy';

async function engine<T>(
  operation: Operation,
  run: (context: Parameters<StackDriver['provision']>[1]) => Promise<T>,
): Promise<T> {
  try {
    return await beating((signal, report) => run({ signal, onProgress: report }));
  } catch (error) {
    throw translated(operation, error);
  }
}

/**
 * A resource that cannot be created fails its revision for good: the stack is destroyed and the next try is a new
 * revision. One that cannot be deleted is tried again.
 */
function translated(operation: Operation, error: unknown): unknown {
  if (!(error instanceof StackError)) return error;
  if (error instanceof OperationAborted) return new CancelledFailure(error.message);
  if (error.details !== '') log.warn(error.message, { details: error.details.slice(0, 4000) });
  const final = !error.retryable || (operation === 'provision' && error.name === 'ResourceError');
  return final ? permanent('StackFailed', error.message) : passing('StackFailed', error.message);
}
