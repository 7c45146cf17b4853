import type { Client } from '@temporalio/client';
import { explainRun } from '../../../domain/experiment/explain.ts';
import type { RunStatus } from '../../../domain/experiment/run.ts';
import type { RunView } from '../../../domain/experiment/view.ts';
import type { Wait } from '../../../domain/rollout/rollout.ts';
import type { RunRecord } from '../../../store/experiments/stores.ts';
import { ifThere } from '../../../temporal/if-there.ts';
import { runStatusQuery } from '../../../workflows/shared/messages.ts';
import { SharedLooks } from '../../shared-looks.ts';
import { toApiError } from '../errors.ts';
import { askWorker } from '../grpc.ts';
import { diagnoseWorkflow } from '../workflow-health.ts';

/** How long a worker may take to say how a run is; then the record has to do. In milliseconds. */
const STATUS_MS = 2_500;

/** Where runs are shown in the Temporal UI. */
export interface RunPlace {
  namespace: string;
  ui?: string;
}

/** Runs as people see them. */
export class RunLooks {
  readonly #temporal: Client;
  readonly #place: RunPlace;
  readonly #looks = new SharedLooks<RunStatus>();

  constructor(temporal: Client, place: RunPlace) {
    this.#temporal = temporal;
    this.#place = place;
  }

  /** As recorded, without asking anybody. */
  recorded(record: RunRecord): RunView {
    return this.#view(record, record.status);
  }

  /**
   * From its workflow while it goes on. Where that does not answer, as recorded, with a wait that says so. Many who look
   * at the same time are answered by one look.
   */
  async look(record: RunRecord): Promise<RunView> {
    if (record.status.outcome !== undefined) return this.recorded(record);
    const status = await this.#looks.look(record.workflowId, () => this.#ask(record));
    return this.#view(record, status);
  }

  async #ask(record: RunRecord): Promise<RunStatus> {
    const { connection } = this.#temporal;
    const until = Date.now() + STATUS_MS;
    try {
      return await connection.withDeadline(until, () => askWorker(() => this.#status(record), until));
    } catch (error) {
      const trouble = await diagnoseWorkflow(this.#temporal, record.workflowId);
      return withWait(record.status, trouble ?? unanswered(toApiError(error).message));
    }
  }

  async #status(record: RunRecord): Promise<RunStatus> {
    const handle = this.#temporal.workflow.getHandle(record.workflowId);
    const described = await ifThere(handle.describe());
    if (!described) return withWait(record.status, notThere(record));
    // One that has only just begun has read nothing yet.
    if (described.status.name === 'RUNNING') {
      return (await handle.query(runStatusQuery)) ?? record.status;
    }
    const last = described.memo?.status as RunStatus | undefined;
    if (last?.outcome !== undefined) return last;
    const how = described.status.name.toLowerCase().replaceAll('_', ' ');
    return withWait(record.status, over(how, described.closeTime ?? new Date()));
  }

  #view({ workflowId }: RunRecord, status: RunStatus): RunView {
    const { ui, namespace } = this.#place;
    const id = encodeURIComponent(workflowId);
    const link = ui === undefined ? {} : { uiLink: `${ui}/namespaces/${namespace}/workflows/${id}` };
    return { status, sentences: explainRun(status, new Date()), ...link };
  }
}

function withWait(status: RunStatus, wait: Wait): RunStatus {
  return { ...status, wait: { ...wait, on: `${wait.on}; what is shown is as recorded` } };
}

function unanswered(message: string): Wait {
  return {
    on: `its workflow, which does not answer: ${message}`,
    since: new Date().toISOString(),
    endedBy: 'a worker that takes its work; `supplant dev` runs one, its log is logs/worker.log in the data folder',
    then: 'it goes on where it was',
  };
}

/** On record, and Temporal knows nothing of it. */
function notThere({ firstRunId, status }: RunRecord): Wait {
  const since = status.startedAt;
  if (firstRunId !== undefined) return { ...over('is not there any more', new Date()), since };
  return { on: 'its workflow, which has not begun', since, endedBy: 'a worker, within 15 s', then: 'it begins' };
}

function over(how: string, since: Date): Wait {
  const what = how.startsWith('is') ? how : `has ${how}`;
  return {
    on: `its workflow, which ${what}`,
    since: since.toISOString(),
    endedBy: 'the reaper',
    then: 'its stacks are destroyed, and it is recorded as lost',
  };
}
