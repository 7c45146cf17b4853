import {
  WithStartWorkflowOperation,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type Change, type Note, type Ticket, workflowIds } from '../../src/domain/requests.ts';
import type { RolloutStatus, ServiceStatus } from '../../src/domain/status.ts';
import { noteUpdate } from '../../src/workflows/messages.ts';
import type { service } from '../../src/workflows/service.ts';
import type { Bench, RolloutHandle } from './bench.ts';
import { type SpecOptions, spec } from './samples.ts';

/** A service's workflow, asked as the client asks it: every request starts it where it does not run. */
export class ServiceBench {
  readonly bench: Bench;
  #requests = 0;

  constructor(bench: Bench) {
    this.bench = bench;
  }

  /** One whose revisions up to `live` were rolled out one after the other. */
  static async live(bench: Bench, live: number, options: SpecOptions = {}): Promise<ServiceBench> {
    const desk = new ServiceBench(bench);
    for (let number = 1; number <= live; number += 1) await desk.over(await desk.apply(`v${number}`, options));
    return desk;
  }

  get handle(): WorkflowHandle<typeof service> {
    return this.bench.env.client.workflow.getHandle<typeof service>(workflowIds.service(this.bench.service));
  }

  apply(artifact: string, options: SpecOptions = {}, requestId?: string, expiresAt?: string): Promise<Ticket> {
    const described = spec(this.bench.service, { ...options, artifact });
    const change = { ...this.#change(requestId), ...(expiresAt === undefined ? {} : { expiresAt }) };
    return this.#ask('apply', { spec: described, change });
  }

  deploy(artifact: string, requestId?: string): Promise<Ticket> {
    return this.#ask('deploy', { artifact, change: this.#change(requestId) });
  }

  rollback(to?: number, requestId?: string): Promise<Ticket> {
    return this.#ask('rollback', { ...(to === undefined ? {} : { to }), change: this.#change(requestId) });
  }

  remove(requestId?: string): Promise<Ticket> {
    return this.#ask('remove', { change: this.#change(requestId) });
  }

  rollout(number: number): RolloutHandle {
    return this.bench.env.client.workflow.getHandle(
      workflowIds.rollout(this.bench.service, number),
    ) as unknown as RolloutHandle;
  }

  /** How a rollout ended, once its service has taken that over. */
  async over({ rollout }: Pick<Ticket, 'rollout'>): Promise<RolloutStatus> {
    await this.until(({ last }) => (last ?? 0) >= rollout);
    return this.ended({ rollout });
  }

  /** How the rollout ended, which may not have begun yet; its service may be busy or gone by then. */
  async ended({ rollout }: Pick<Ticket, 'rollout'>): Promise<RolloutStatus> {
    for (;;) {
      try {
        return (await this.rollout(rollout).result()).status;
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        await this.bench.pause();
      }
    }
  }

  async status(): Promise<ServiceStatus | null> {
    return this.handle.query<ServiceStatus | null>('status');
  }

  /** Waits until the service's status shows a fact. */
  async until(shows: (status: ServiceStatus) => boolean): Promise<ServiceStatus> {
    for (;;) {
      const status = await this.status();
      if (status && shows(status)) return status;
      await this.bench.pause();
    }
  }

  note(note: Note, requestId?: string): Promise<string> {
    return this.#ask(noteUpdate.name, { note, change: this.#change(requestId) });
  }

  async #ask<T = Ticket>(update: string, args: object): Promise<T> {
    const { env, service: key, taskQueue } = this.bench;
    const startWorkflowOperation = new WithStartWorkflowOperation<typeof service>('service', {
      workflowId: workflowIds.service(key),
      taskQueue,
      args: [{ key }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
    return env.client.workflow.executeUpdateWithStart<typeof service, T, [object]>(update, {
      startWorkflowOperation,
      args: [args],
    });
  }

  #change(requestId?: string): Change {
    this.#requests += 1;
    return { actor: 'ada', reason: 'because', requestId: requestId ?? `request-${this.#requests}` };
  }
}

/** Why a request was refused. */
export async function refusal(asked: Promise<unknown>): Promise<{ type: string; message: string; details: unknown }> {
  const error: unknown = await asked.then(
    (ticket) => new Error(`was not refused: ${JSON.stringify(ticket)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
    const { type, message, details } = error.cause;
    return { type: type ?? '', message, details: details?.[0] };
  }
  throw error;
}

/** Whether a workflow is not there, or over. */
export async function isOver(handle: WorkflowHandle): Promise<boolean> {
  try {
    return (await handle.describe()).status.name !== 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}
