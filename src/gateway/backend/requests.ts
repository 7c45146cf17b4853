import { randomUUID } from 'node:crypto';
import { type Client, WithStartWorkflowOperation } from '@temporalio/client';
import type { CommandLog } from '../../store/catalogue/command-log.ts';
import { ApiError } from '../../contract/supplant-client.ts';
import {
  BEGIN_MS,
  type RequestMeta,
  type Command,
  type CommandRef,
  type ServiceCommand,
  type Request,
  type VerbRequest,
  workflowIds,
} from '../../domain/service/requests.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import { LIMITS } from '../../domain/service/state.ts';
import { buildServiceStart } from '../../temporal/service-start.ts';
import { TASK_QUEUE } from '../../temporal/target.ts';
import { dryRunUpdate, noteUpdate, requestUpdates, rolloutUpdates } from '../../workflows/shared/messages.ts';
import type { service as serviceWorkflow } from '../../workflows/service/service.ts';
import { askAgain } from './ask-again.ts';
import { withApiErrors, isBusy, isCutOff, isDiscarded } from './errors.ts';
import { TemporalClock } from './temporal-clock.ts';

/** How long a worker may take to answer, in milliseconds. */
const ANSWER_MS = 10_000;

/** For a last look at a request that nobody answered. */
const LOOK_MS = 1_000;

export interface RequestsOptions {
  /** Where commands are recorded before a service is asked. */
  commands: () => Promise<Pick<CommandLog, 'save'>>;
  taskQueue?: string;
  /** A clock, in milliseconds since the epoch. */
  now?: () => number;
}

/** Sends requests to services, so that each is either known to have been accepted or has started nothing. */
export class Requests {
  readonly #temporal: Client;
  readonly #commands: RequestsOptions['commands'];
  readonly #taskQueue: string;
  readonly #clock: TemporalClock;

  /** Taken for those of this installation, and this machine's, unless told. */
  constructor(temporal: Client, { commands, taskQueue = TASK_QUEUE, now = Date.now }: RequestsOptions) {
    this.#temporal = temporal;
    this.#commands = commands;
    this.#taskQueue = taskQueue;
    this.#clock = new TemporalClock(now);
  }

  /** Starts the service's workflow where it does not run. The same request id again is a repeat. */
  async send<T>(service: ServiceKey, asked: Request | ServiceCommand, change: RequestMeta): Promise<T> {
    const { workflow } = this.#temporal;
    // The service knows repeated request ids itself. Temporal would answer a repeated update id without looking at the
    // content, and with an old refusal where the service would think again.
    const once = () =>
      this.#once(service, asked, change, {
        workflowId: workflowIds.service(service),
        ask: (ref: CommandRef) =>
          workflow.executeUpdateWithStart<typeof serviceWorkflow, T, [CommandRef]>(updateFor(asked, change), {
            startWorkflowOperation: new WithStartWorkflowOperation<typeof serviceWorkflow>('service', {
              ...buildServiceStart(service, this.#taskQueue),
              workflowIdConflictPolicy: 'USE_EXISTING',
            }),
            args: [ref],
            updateId: ref.command,
          }),
      });
    // It was refused before anything was started, for a clock of ours that is wrong. Or somebody terminated the workflow:
    // its successor knows what is recorded. Or the task it was in was discarded: the next one has what came in between.
    return askAgain(
      once,
      (error) => this.#clock.learn(error) || isCutOff(error) || isDiscarded(error) || isBusy(error),
    );
  }

  /** Of a rollout, which has to run. */
  async sendToRollout(service: ServiceKey, asked: VerbRequest, change: RequestMeta): Promise<string> {
    const workflowId = workflowIds.rollout(service, asked.rollout);
    const handle = this.#temporal.workflow.getHandle(workflowId);
    // Temporal answers a repeat with what the first one was answered.
    const updateId = `${asked.verb}-${change.requestId}`;
    const ask = (ref: CommandRef) =>
      handle.executeUpdate<string, [CommandRef]>(rolloutUpdates[asked.verb].name, { args: [ref], updateId });
    const once = () => this.#once(service, asked, change, { workflowId, updateId, ask });
    return askAgain(once, (error) => this.#clock.learn(error) || isDiscarded(error) || isBusy(error));
  }

  async #once<T>(
    service: ServiceKey,
    asked: Command['asked'],
    change: RequestMeta,
    { workflowId, updateId, ask }: Way<T>,
  ): Promise<T> {
    if (Buffer.byteLength(change.actor) > LIMITS.actor) throw tooLong(change.actor);
    const id = `${change.requestId}-${randomUUID()}`;
    const now = this.#clock.now();
    const expiresAt = new Date(now + BEGIN_MS).toISOString();
    const at = new Date(now).toISOString();
    await withApiErrors(async () => {
      await (await this.#commands()).save({ id, service, asked, change: { ...change, expiresAt }, at });
    });
    const { connection } = this.#temporal;
    try {
      return await withApiErrors(() =>
        connection.withDeadline(Date.now() + ANSWER_MS, () => ask({ command: id, expiresAt })),
      );
    } catch (error) {
      return this.#whatBecameOf<T>(workflowId, updateId ?? id, error);
    }
  }

  /** No answer in time. What was not begun by now never will be, since it has expired; what was is found by its id. */
  async #whatBecameOf<T>(workflowId: string, updateId: string, error: unknown): Promise<T> {
    if (!(error instanceof ApiError) || error.reason !== 'UNAVAILABLE' || isCutOff(error) || isDiscarded(error))
      throw error;
    const { connection, workflow } = this.#temporal;
    const look = () => workflow.getHandle(workflowId).getUpdateHandle<T>(updateId).result();
    return connection.withDeadline(Date.now() + LOOK_MS, look).catch(() => Promise.reject(error));
  }
}

/** Who is asked, and how. */
interface Way<T> {
  workflowId: string;
  /** The command's unless told. */
  updateId?: string;
  ask: (ref: CommandRef) => Promise<T>;
}

/** The update of the service's workflow that takes it. */
function updateFor({ kind }: Request | ServiceCommand, { dryRun }: RequestMeta): string {
  if (dryRun) return dryRunUpdate.name;
  switch (kind) {
    case 'drop':
    case 'pin':
    case 'unpin':
    case 'mark-bad':
      return noteUpdate.name;
    default:
      return requestUpdates[kind].name;
  }
}

function tooLong(actor: string): ApiError {
  const why = `the name of who asks has ${Buffer.byteLength(actor)} bytes; at most ${LIMITS.actor} can be kept`;
  return new ApiError('INVALID', why, { faults: [{ path: 'actor', message: why }] });
}
