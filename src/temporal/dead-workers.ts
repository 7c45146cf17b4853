import { ActivityNotFoundError, AsyncCompletionClient } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { type AbandonedTasks, findAbandoned } from './task-token-journal.ts';
import { LogOnce } from './log-once.ts';

/** Between two looks for workers that have died, in milliseconds. */
const LOOK_MS = 500;

/** The type of the failure that a killed worker's activities end with; they are begun again as after any other. */
const WORKER_DIED = 'WorkerDied';

/**
 * Until they are begun again, in place of a pause that grows with every attempt: a step that lasts for hours may lose many
 * workers, none of them by a fault of its own.
 */
const AGAIN_AFTER = '200ms';

export interface DeadWorkersOptions {
  connection: NativeConnection;
  namespace: string;
  /** Where workers note what they have in hand. */
  folder: string;
  log: (message: string, details: Record<string, unknown>) => void;
}

/**
 * Answers for workers of the same data folder that were killed, so that what they had in hand is begun again at once rather
 * than when their heartbeats are missed. A token is good for one attempt alone: an answer that comes too late, or twice,
 * changes nothing.
 */
export class DeadWorkers implements Disposable {
  readonly #options: DeadWorkersOptions;
  readonly #client: AsyncCompletionClient;
  readonly #trouble: LogOnce;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: DeadWorkersOptions) {
    const { connection, namespace } = options;
    this.#options = options;
    this.#trouble = new LogOnce((error) => options.log('cannot answer for a worker that was killed', { error }));
    this.#client = new AsyncCompletionClient({ connection, namespace });
  }

  /** Has answered for those that are dead already when it resolves. */
  static async watch(options: DeadWorkersOptions): Promise<DeadWorkers> {
    const watching = new DeadWorkers(options);
    await watching.#look();
    watching.#timer = setInterval(() => void watching.#look(), LOOK_MS).unref();
    return watching;
  }

  async #look(): Promise<void> {
    await Promise.all(findAbandoned(this.#options.folder).map((each) => this.#answerFor(each)));
  }

  async #answerFor({ tokens, forget }: AbandonedTasks): Promise<void> {
    try {
      await Promise.all(tokens.map((token) => this.#fail(token)));
      forget();
      this.#trouble.over();
      this.#options.log('a worker was killed; what it had in hand is begun again', { activities: tokens.length });
    } catch (error) {
      // Temporal is down: looked at again.
      this.#trouble.met(error);
    }
  }

  async #fail(token: Uint8Array): Promise<void> {
    try {
      await this.#client.fail(
        token,
        ApplicationFailure.create({
          message: 'its worker was killed',
          type: WORKER_DIED,
          nextRetryDelay: AGAIN_AFTER,
        }),
      );
    } catch (error) {
      if (error instanceof ActivityNotFoundError) return;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
