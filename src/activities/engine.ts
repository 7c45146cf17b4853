import { activityInfo, heartbeat, log } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { type AlikeFailures, type AlikeLimit, countAlike, isHopeless } from '../domain/alike-failures.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Endpoint } from '../domain/service/revision.ts';
import { LIMITS } from '../domain/service/state.ts';
import { createConfigRedactor } from '../secrets/secrets.ts';
import {
  OperationAborted,
  type OperationContext,
  OtherHostError,
  StackBusyError,
  StackError,
} from '../stacks/driver.ts';
import { createPassingFailure, createPermanentFailure } from './failures.ts';
import { withHeartbeats } from './heartbeat.ts';

type Operation = 'provision' | 'destroy';

type Run<T> = (context: OperationContext) => Promise<T>;

/** What an attempt tells the next one beside its progress: the last heartbeat is all that it finds. */
interface Told {
  failures?: AlikeFailures;
}

/**
 * Provisions; an engine that fails again and again in the same words will do so for ever. A stack that has to go is tried
 * without end, by a workflow that says so.
 *
 * @param config what its stack is given, of whose values nothing is quoted
 */
export async function provisionUntilHopeless<T>(limit: AlikeLimit, config: JsonObject, run: Run<T>): Promise<T> {
  const { failures } = (activityInfo().heartbeatDetails ?? {}) as Told;
  try {
    return await runEngine('provision', config, run, failures ? { failures } : {});
  } catch (error) {
    if (!(error instanceof ApplicationFailure) || error.nonRetryable || error.type !== 'StackFailed') throw error;
    const now = Date.now();
    const counted = countAlike(failures, error.message, now);
    heartbeat(counted ? { failures: counted } : {});
    if (!counted || !isHopeless(counted, now, limit)) throw error;
    const times = `${counted.count} attempts in a row ended like this, so it is given up`;
    throw createPermanentFailure('StackFailed', `${error.message.slice(0, 1_800)}; ${times}`);
  }
}

/** Carries out an engine operation, with heartbeats. @param config as above */
export async function runEngine<T>(operation: Operation, config: JsonObject, run: Run<T>, told: Told = {}): Promise<T> {
  // What an engine or a provider quotes of a program's output ends in histories, the record and the log.
  const redact = await createConfigRedactor(config);
  try {
    return await withHeartbeats((signal, report) => {
      if (told.failures) report(told);
      return run({
        signal,
        onProgress: ({ message, ...progress }) =>
          report({ ...progress, ...told, ...(message === undefined ? {} : { message: redact(message) }) }),
      });
    });
  } catch (error) {
    throw translated(operation, error, redact);
  }
}

/**
 * A resource that cannot be created fails its revision for good: the stack is destroyed and the next try is a new
 * revision. A resource that cannot be deleted is tried again.
 */
function translated(operation: Operation, error: unknown, redact: (text: string) => string): unknown {
  if (!(error instanceof StackError)) return error;
  const message = redact(error.message);
  if (error instanceof OperationAborted) return new CancelledFailure(message);
  if (error instanceof OtherHostError) return createPermanentFailure('OtherHost', message, error.host);
  if (error.details !== '') log.warn(message, { details: redact(error.details).slice(0, 4000) });
  const final = !error.retryable || (operation === 'provision' && error.name === 'ResourceError');
  if (final) return createPermanentFailure('StackFailed', message);
  return createPassingFailure(error instanceof StackBusyError ? 'Unavailable' : 'StackFailed', message);
}

/** Workflows carry them, and routes list them. */
export function refuseTooManyEndpoints(endpoints: Endpoint[], whose: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(endpoints));
  if (bytes <= LIMITS.endpoints) return;
  const what = `${whose} has ${endpoints.length} endpoints, which take ${bytes} bytes`;
  throw createPermanentFailure('StackFailed', `${what}; there is room for ${LIMITS.endpoints}`);
}
