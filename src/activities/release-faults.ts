import { stat } from 'node:fs/promises';
import { Context } from '@temporalio/activity';
import type { ServiceSpec } from '../domain/service/service.ts';
import { type BlueprintDescription, type StackDriver, UnfinishedError } from '../stacks/driver.ts';
import { createPermanentFailure } from './failures.ts';

/**
 * How long a release is looked at before its request is answered, in milliseconds. With what a busy worker takes beside
 * it, the request has to be over before it is too late to begin it ({@link BEGIN_MS}).
 */
const LOOK_MS = 4_000;

type Fault = BlueprintDescription['faults'][number];

/**
 * Everything wrong with a spec as far as its blueprint and this host are concerned, and what a revision of it is. What
 * takes longer than a request may goes on, and is joined by the next one with the same `request`.
 *
 * @throws ApplicationFailure `Unfinished` with how far it is; `Unavailable` with the reason, for what is not the spec's
 * fault
 */
export async function describeRelease(
  stacks: StackDriver,
  spec: ServiceSpec,
  request: string,
): Promise<BlueprintDescription> {
  const signal = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(LOOK_MS)]);
  try {
    const found = await stacks.describe(spec.blueprint, spec.artifact, { signal, request });
    return { ...found, faults: [...found.faults, ...(await findMissingFolders(spec))] };
  } catch (error) {
    // Not tried again: the caller waits, and would only learn that nobody answered.
    throw createPermanentFailure(
      error instanceof UnfinishedError ? 'Unfinished' : 'Unavailable',
      error instanceof Error ? error.message : String(error),
    );
  }
}

/** Folders that commands of checks and metrics are to run in, and that are not there. */
async function findMissingFolders({ checks, strategy: { metrics = [] } }: ServiceSpec): Promise<Fault[]> {
  const ofChecks = checks.map((check, index) => [`checks[${index}]`, check] as const);
  const ofMetrics = metrics.map((metric, index) => [`strategy.metrics[${index}].command`, metric] as const);
  const faults = [...ofChecks, ...ofMetrics].map(async ([place, each]): Promise<Fault | undefined> => {
    if (each.kind !== 'command' || each.workingDirectory === undefined) return undefined;
    const { workingDirectory } = each;
    const found = await stat(workingDirectory).catch(() => undefined);
    if (found?.isDirectory()) return undefined;
    const message = `${workingDirectory} is not a folder on the worker's host; name one that is, or / for a command that needs none`;
    return { path: `${place}.workingDirectory`, message };
  });
  return (await Promise.all(faults)).filter((fault) => fault !== undefined);
}
