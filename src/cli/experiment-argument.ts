import { ApiError, type SupplantClient } from '../contract/supplant-client.ts';
import {
  EXPERIMENT_NAME,
  type ExperimentKey,
  formatExperimentId,
  parseExperimentId,
} from '../domain/experiment/experiment.ts';
import { nearest } from '../config/nearest.ts';
import { UsageError } from './errors.ts';

/** Does the work on the experiment that the text names; one that does not exist is answered with the nearest that do. */
export async function onExperiment<Result>(
  client: SupplantClient,
  text: string,
  work: (key: ExperimentKey) => Promise<Result>,
): Promise<Result> {
  const key = await resolveExperiment(client, text);
  try {
    return await work(key);
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== 'NOT_FOUND') throw error;
    const known = await experimentKeys(client);
    if (known.some((other) => formatExperimentId(other) === formatExperimentId(key))) throw error;
    throw unknownExperiment(formatExperimentId(key), known);
  }
}

/** Reads `nightly/production`, or `nightly` where there is exactly one environment of it. */
async function resolveExperiment(client: SupplantClient, text: string): Promise<ExperimentKey> {
  const key = parseExperimentId(text);
  if (key) return key;
  if (!EXPERIMENT_NAME.test(text)) {
    throw new UsageError(`'${text}' does not name an experiment`, {
      suggestion: 'write NAME/ENVIRONMENT, such as nightly/production',
    });
  }
  const known = await experimentKeys(client);
  const named = known.filter(({ name }) => name === text);
  const [only, ...others] = named;
  if (only && others.length === 0) return only;
  if (only) {
    throw new UsageError(`'${text}' has ${named.length} environments`, {
      suggestion: `say which: ${named.map(formatExperimentId).join(' or ')}`,
    });
  }
  throw unknownExperiment(text, known);
}

async function experimentKeys(client: SupplantClient): Promise<ExperimentKey[]> {
  const views = await client.experiments.list();
  return views.map(({ spec }) => spec.experiment);
}

function unknownExperiment(text: string, known: readonly ExperimentKey[]): ApiError {
  const ids = known.map(formatExperimentId);
  const [name = ''] = text.split('/');
  const near = [
    ...new Set([
      ...ids.filter((id) => id.startsWith(text)),
      ...nearest(text, ids, 3),
      ...known.filter((key) => nearest(name, [key.name]).length > 0).map(formatExperimentId),
    ]),
  ].slice(0, 3);
  const suggestion =
    ids.length === 0
      ? 'there is no experiment yet; supplant init --experiment writes a first one'
      : near.length > 0
        ? `did you mean ${near.join(' or ')}?`
        : 'supplant experiment list shows all of them';
  return new ApiError('NOT_FOUND', `there is no experiment '${text}'`, { suggestion });
}

/** Reads `12`, `@12` or `nightly/production@12`. */
export function readRun(text: string): number {
  const number = /^(?:[^@]*@)?([1-9]\d{0,8})$/.exec(text)?.[1];
  if (number === undefined) {
    throw new UsageError(`'${text}' is not a run's number`, {
      suggestion: 'write 12; supplant experiment history NAME shows them',
    });
  }
  return Number(number);
}
