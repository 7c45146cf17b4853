import { ApiError } from '../../../contract/supplant-client.ts';
import { nearest } from '../../../config/nearest.ts';
import { formatRunName } from '../../../domain/experiment/run.ts';
import { type PreviewKey, isSamePreview } from '../../../domain/preview/name.ts';
import { formatPreview, locatePreview, readPreview } from '../../../domain/preview/preview.ts';
import type { RequestMeta } from '../../../domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../../../domain/service/service.ts';
import type { ExperimentRecord, ExperimentStore } from '../../../store/experiments/stores.ts';
import { type ChangeParts, type Decided, recordChange } from '../experiments/changes.ts';
import { stopRun } from '../experiments/run-changes.ts';

/** Takes a preview away. What goes on is asked to stop first: where that is interrupted, a repeat finds the preview still there. */
export async function decideClosePreview(
  { store, temporal }: ChangeParts,
  key: PreviewKey,
  change: RequestMeta,
): Promise<Decided> {
  const { experiments, runs } = store.experiments;
  const { spec, deletedAt } = await findPreview(store.experiments, key);
  const experiment = spec.experiment;
  const name = formatPreview(key);
  if (deletedAt !== undefined) {
    const effect = `${name} was closed at ${deletedAt}: nothing changes`;
    return { effect, unchanged: true, carryOut: () => Promise.resolve({}) };
  }
  const open = await runs.open(experiment);
  const names = open.map(({ status }) => formatRunName(status)).join(' and ');
  const stopped = open.length === 0 ? '' : `; ${names} ${open.length === 1 ? 'is' : 'are'} stopped`;
  return {
    effect: `${name} is closed: its name and its port are free${stopped}`,
    carryOut: async () => {
      const data = { service: formatServiceId(key.service), branch: key.branch };
      await recordChange(store, { type: 'preview.closed', experiment, data }, change);
      const because = { ...change, reason: change.reason ?? 'its preview is closed' };
      const going = await runs.open(experiment);
      for (const run of going) if (!run.stop) await stopRun(store, run, because);
      await experiments.delete(experiment, new Date().toISOString());
      return { remark: await temporal.tell(going) };
    },
  };
}

/**
 * A preview by what it is of, closed or not.
 *
 * @throws ApiError NOT_FOUND with those of the service that may be meant
 */
export async function findPreview({ experiments }: ExperimentStore, key: PreviewKey): Promise<ExperimentRecord> {
  const record = await experiments.find(locatePreview(key));
  const found = record && readPreview(record.spec);
  if (found && isSamePreview(found, key)) return record;
  const branches = await listBranches(experiments, key.service);
  const near = nearest(key.branch, branches, 3);
  const suggestion =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : branches.length > 0
        ? 'supplant preview list shows all previews'
        : `supplant preview open ${formatServiceId(key.service)} '${key.branch}' --artifact ARTIFACT opens one`;
  throw new ApiError('NOT_FOUND', `there is no preview ${formatPreview(key)}`, { suggestion });
}

async function listBranches(experiments: ExperimentStore['experiments'], service: ServiceKey): Promise<string[]> {
  const previews = (await experiments.list()).flatMap(({ spec }) => readPreview(spec) ?? []);
  return previews
    .filter((each) => formatServiceId(each.service) === formatServiceId(service))
    .map(({ branch }) => branch);
}
