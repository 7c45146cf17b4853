import { hostname } from 'node:os';
import { revisionLogs } from '../../../../blueprints/local-process/logs.ts';
import { ApiError } from '../../../contract/supplant-client.ts';
import type { LogPart, LogQuery } from '../../../domain/logs.ts';
import { formatRevisionName, formatStackName } from '../../../domain/service/revision.ts';
import { type ServiceKey, formatServiceId } from '../../../domain/service/service.ts';
import { readLog } from '../../../host/read-log.ts';
import { mergeLines } from './merge-lines.ts';

const WITH_LOGS = 'local-process';

/** What is known of the revision whose logs are asked for. */
export interface LoggedRevision {
  number: number;
  blueprint: string;
  /** Whether its stack was destroyed. */
  gone: boolean;
}

/**
 * The logs that `local-process` keeps below the folder of the stacks.
 *
 * @throws ApiError REFUSED when there are none here: their blueprint keeps none, the stack is gone, or another machine has
 * them
 */
export async function* readLocalLogs(
  stacks: string,
  service: ServiceKey,
  revision: LoggedRevision,
  { lines, follow }: Omit<LogQuery, 'revision'>,
  signal: AbortSignal,
): AsyncGenerator<LogPart> {
  const stack = formatStackName(service, revision.number);
  const what = `${formatRevisionName(revision.number)} of ${formatServiceId(service)}`;
  if (revision.blueprint !== WITH_LOGS) {
    throw new ApiError('REFUSED', `the blueprint ${revision.blueprint} of ${what} keeps its logs itself`, {
      suggestion: `look where the blueprint's stack ${stack} runs`,
    });
  }
  const logs = await revisionLogs(stacks, { project: service.environment, stack });
  if (logs.length === 0) throw revision.gone ? goneWith(what) : elsewhere(what, stack);
  const places = logs.map(({ name, path }) => ({ process: name, path }));
  yield { kind: 'places', revision: revision.number, host: hostname(), logs: places };
  const each = logs.map(({ name, path }) => [name, readLog(path, { lines, follow, signal })] as const);
  for await (const batch of mergeLines(new Map(each))) yield { kind: 'lines', ...batch };
}

function goneWith(what: string): ApiError {
  return new ApiError('REFUSED', `the logs of ${what} went with its stack`, {
    suggestion: 'supplant why SERVICE ROLLOUT shows the last lines of a revision that never became healthy',
  });
}

function elsewhere(what: string, stack: string): ApiError {
  return new ApiError('REFUSED', `this gateway, on ${hostname()}, has no logs of ${what}`, {
    suggestion: `they are on the worker's machine, below stacks/local-process/revisions/ of its data folder, for ${stack}`,
  });
}
