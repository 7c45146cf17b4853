import type { Client } from '@temporalio/client';
import { workflowIds } from '../domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../domain/service/service.ts';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import { findTaskFailure } from './failed-task.ts';
import { ifThere } from './if-there.ts';
import { LogOnce } from './log-once.ts';
import { RepeatedLook } from './repeated-look.ts';
import { startService } from './service-start.ts';

/** Between two looks, in milliseconds. */
const LOOK_MS = 15_000;

/** So many workflows are looked at each time, so that thousands of them cost Temporal no more than a few do. */
const WORKFLOWS_AT_A_LOOK = 50;

/**
 * A task that was begun so often fails for good, some 20 s after its first failure. Sooner a worker of another version, which
 * can go on with it, may only not have been given it yet.
 */
const ATTEMPTS = 5;

/** What the reaper, a schedule, or whoever asked begins again. */
const BEGUN_AGAIN = `WorkflowType IN ('teardown', 'reaper', 'reap', 'drift') AND ExecutionStatus = 'Running'`;

export interface StuckWorkflowsOptions {
  client: Client;
  taskQueue: string;
  catalogue: { services: Catalogue['services']; requests: Pick<Catalogue['requests'], 'waiting'> };
  log: (message: string, details: Record<string, unknown>) => void;
}

interface Candidate {
  workflowId: string;
  /** Of a service's own workflow. */
  service?: ServiceKey;
}

/**
 * Ends workflows that no worker can go on with, since its code makes other steps than the history has. A service begins
 * afresh at once: what it knows is on record, and its rollouts have workflows of their own. Rollouts and runs of experiments
 * are left to people: to end one is to put back what it has made.
 */
export class StuckWorkflows implements Disposable {
  readonly #options: StuckWorkflowsOptions;
  readonly #looks: RepeatedLook;
  /** Of all candidates in their order, the first one that was not looked at yet. */
  #next = 0;

  private constructor(options: StuckWorkflowsOptions, everyMs: number) {
    this.#options = options;
    // Where Temporal or the store is down it is looked at again.
    const trouble = new LogOnce((error) => options.log('cannot look for workflows that stand still', { error }));
    this.#looks = new RepeatedLook(() => trouble.attempt(() => this.#look()), { everyMs, firstMs: everyMs });
  }

  static watch(options: StuckWorkflowsOptions, everyMs = LOOK_MS): StuckWorkflows {
    return new StuckWorkflows(options, everyMs);
  }

  async #look(): Promise<void> {
    for (const candidate of await this.#due()) await this.#endIfStuck(candidate);
  }

  /** Services that rollouts wait for each time, all others in turn. */
  async #due(): Promise<Candidate[]> {
    const { client, taskQueue, catalogue } = this.#options;
    const [services, waiting] = await Promise.all([catalogue.services(), catalogue.requests.waiting()]);
    const all = services.map(({ spec }) => asCandidate(spec.service));
    for await (const { workflowId } of client.workflow.list({ query: `${BEGUN_AGAIN} AND TaskQueue = '${taskQueue}'` }))
      all.push({ workflowId });
    if (this.#next >= all.length) this.#next = 0;
    const turn = all.slice(this.#next, this.#next + WORKFLOWS_AT_A_LOOK);
    this.#next += turn.length;
    const due = [...waiting.map(asCandidate), ...turn];
    return [...new Map(due.map((candidate) => [candidate.workflowId, candidate])).values()];
  }

  async #endIfStuck({ workflowId, service }: Candidate): Promise<void> {
    const { client, taskQueue, log } = this.#options;
    const stuck = await ifThere(this.#findStuckRun(workflowId));
    if (!stuck) return;
    const { runId, error } = stuck;
    // Another worker may have ended it, too: what was begun since is not to be ended.
    await ifThere(
      client.workflow.getHandle(workflowId, runId).terminate(`no worker can go on with its history: ${error}`),
    );
    if (!service) {
      log('a workflow was ended that no worker could go on with', { workflowId, error });
      return;
    }
    await startService(client, service, taskQueue);
    log('a service could not go on with its workflow; it goes on from what is recorded in a new one', {
      service: formatServiceId(service),
      error,
    });
  }

  async #findStuckRun(workflowId: string): Promise<{ runId: string; error: string } | undefined> {
    const { client } = this.#options;
    const { raw, status, runId } = await client.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING' || (raw.pendingWorkflowTask?.attempt ?? 0) < ATTEMPTS) return undefined;
    const failure = await findTaskFailure(client, workflowId, runId);
    return failure?.isUnreplayable ? { runId, error: failure.message } : undefined;
  }

  [Symbol.dispose](): void {
    this.#looks[Symbol.dispose]();
  }
}

function asCandidate(service: ServiceKey): Candidate {
  return { workflowId: workflowIds.service(service), service };
}
