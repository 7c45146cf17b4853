import { randomUUID } from 'node:crypto';
import {
  WithStartWorkflowOperation,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  type RequestMeta,
  type Command,
  type ServiceCommand,
  type Receipt,
  workflowIds,
} from '../../src/domain/service/requests.ts';
import { askAgain } from '../../src/gateway/backend/ask-again.ts';
import { isBusy, isDiscarded } from '../../src/gateway/backend/errors.ts';
import type { RolloutStatus, ServiceWorkflowStatus as ServiceStatus } from '../../src/domain/rollout/status.ts';
import { dryRunUpdate, noteUpdate } from '../../src/workflows/shared/messages.ts';
import type { service } from '../../src/workflows/service/service.ts';
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

  apply(artifact: string, options: SpecOptions = {}, requestId?: string, expiresAt?: string): Promise<Receipt> {
    const described = spec(this.bench.service, { ...options, artifact });
    const change = { ...this.#change(requestId), ...(expiresAt === undefined ? {} : { expiresAt }) };
    return this.#ask('apply', { kind: 'apply', spec: described }, change);
  }

  /** Although the release is on hold. */
  again(artifact: string, options: SpecOptions = {}): Promise<Receipt> {
    const described = spec(this.bench.service, { ...options, artifact });
    return this.#ask('apply', { kind: 'apply', spec: described }, { ...this.#change(), again: true });
  }

  deploy(artifact: string, requestId?: string): Promise<Receipt> {
    return this.#ask('deploy', { kind: 'deploy', artifact }, this.#change(requestId));
  }

  rollback(to?: number, requestId?: string): Promise<Receipt> {
    const asked = { kind: 'rollback' as const, ...(to === undefined ? {} : { to }) };
    return this.#ask('rollback', asked, this.#change(requestId));
  }

  restart(requestId?: string): Promise<Receipt> {
    return this.#ask('restart', { kind: 'restart' }, this.#change(requestId));
  }

  remove(requestId?: string): Promise<Receipt> {
    return this.#ask('remove', { kind: 'remove' }, this.#change(requestId));
  }

  rollout(number: number): RolloutHandle {
    return this.bench.env.client.workflow.getHandle(
      workflowIds.rollout(this.bench.service, number),
    ) as unknown as RolloutHandle;
  }

  /** How a rollout ended, once its service has taken that over. */
  async over({ rollout }: Pick<Receipt, 'rollout'>): Promise<RolloutStatus> {
    await this.until(({ last }) => (last ?? 0) >= rollout);
    return this.ended({ rollout });
  }

  /** How the rollout ended, which may not have begun yet; its service may be busy or gone by then. */
  async ended({ rollout }: Pick<Receipt, 'rollout'>): Promise<RolloutStatus> {
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

  note(note: ServiceCommand, requestId?: string): Promise<string> {
    return this.#ask(noteUpdate.name, note, this.#change(requestId));
  }

  /** Whatever is asked, by the update that carries it out. */
  ask(asked: Command['asked'], requestId?: string, expiresAt?: string): Promise<Receipt | string> {
    const isNote = ['drop', 'pin', 'unpin', 'mark-bad'].includes(asked.kind);
    const change = { ...this.#change(requestId), ...(expiresAt === undefined ? {} : { expiresAt }) };
    return this.#ask(isNote ? noteUpdate.name : asked.kind, asked, change);
  }

  /** What the same would be answered. */
  dryRun(asked: Command['asked'], requestId?: string): Promise<Receipt | string> {
    return this.#ask(dryRunUpdate.name, asked, { ...this.#change(requestId), dryRun: true });
  }

  async #ask<T = Receipt>(update: string, asked: Command['asked'], change: RequestMeta): Promise<T> {
    const { env, service: key, taskQueue, activities } = this.bench;
    const command: Command = { id: randomUUID(), service: key, asked, change, at: new Date().toISOString() };
    await activities.store.catalogue.commands.save(command);
    const { expiresAt } = change;
    const ask = () =>
      env.client.workflow.executeUpdateWithStart<typeof service, T, [object]>(update, {
        startWorkflowOperation: new WithStartWorkflowOperation<typeof service>('service', {
          workflowId: workflowIds.service(key),
          taskQueue,
          args: [{ key }],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        }),
        args: [{ command: command.id, ...(expiresAt === undefined ? {} : { expiresAt }) }],
      });
    // The gateway asks again, too.
    return askAgain(ask, (error) => isDiscarded(error) || isBusy(error));
  }

  #change(requestId?: string): RequestMeta {
    this.#requests += 1;
    return { actor: 'ada', reason: 'because', requestId: requestId ?? `request-${this.#requests}` };
  }
}

/** Why a request was refused. */
export async function refusal(asked: Promise<unknown>): Promise<{ type: string; message: string; details: unknown }> {
  const error: unknown = await asked.then(
    (receipt) => new Error(`was not refused: ${JSON.stringify(receipt)}`),
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
