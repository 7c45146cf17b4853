import { canonicalJson } from '../../../domain/canonical-json.ts';
import { type ExperimentKey, type ExperimentSpec, formatExperimentId } from '../../../domain/experiment/experiment.ts';
import { formatPreview, readPreview } from '../../../domain/preview/preview.ts';
import { describeDrill } from '../../../domain/experiment/drill/words.ts';
import { computeFingerprint } from '../../../domain/fingerprint.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { RequestMeta } from '../../../domain/service/requests.ts';
import type { RunRecord } from '../../../store/experiments/stores.ts';
import { type ChangeParts, type Decided, recordChange } from './changes.ts';
import { requireSound } from './descriptions.ts';
import { refused, requireExperiment } from './lookup.ts';
import { stopRun } from './run-changes.ts';
import { describeApplied, describeBeginning, describeDeleted } from './words.ts';

export async function decideApply(
  { store, temporal, limits, look }: ChangeParts,
  spec: ExperimentSpec,
  change: RequestMeta,
): Promise<Decided> {
  const { experiments, runs } = store.experiments;
  const key = spec.experiment;
  const unknown = await requireSound(spec, limits, store, { look, change });
  const before = await experiments.find(key);
  const preview = before && before.deletedAt === undefined ? readPreview(before.spec) : undefined;
  if (preview) {
    const suggestion = 'supplant preview open changes it; or choose another name';
    throw refused(`${formatExperimentId(key)} is the preview ${formatPreview(preview)}`, suggestion);
  }
  if (before && before.deletedAt === undefined && canonicalJson(before.spec) === canonicalJson(spec)) {
    const effect = `${formatExperimentId(key)} is as described already: nothing changes`;
    return { effect, carryOut: async () => ({ remark: await temporal.align(before) }) };
  }
  const doubt =
    unknown === undefined
      ? ''
      : `; whether blueprints take it could not be asked (${unknown}), and is found out by its runs`;
  return {
    effect: `${describeApplied(spec, before, (await runs.open(key)).length)}${doubt}`,
    carryOut: async () => {
      const event = { type: 'experiment.applied', experiment: key, data: summarize(spec) };
      await recordChange(store, event, change);
      return { remark: await temporal.align(await experiments.save(spec)) };
    },
  };
}

/** What the audit log has of a description: enough to know it by, without what may be large. */
function summarize(spec: ExperimentSpec): JsonObject {
  const { variants, drill, schedule, ttlMs, overlap } = spec;
  const named = variants.map(({ name, source }) => ({
    name,
    ...(source.kind === 'release'
      ? { artifact: source.artifact, blueprint: source.blueprint.name }
      : { like: formatExperimentId(source.service), ...(source.revision ? { revision: source.revision } : {}) }),
  }));
  const when = schedule ? { schedule: JSON.parse(JSON.stringify(schedule)) as JsonObject } : {};
  const tried = drill ? { drill: describeDrill(drill) } : {};
  return { fingerprint: computeFingerprint(spec), variants: named, ...tried, ttlMs, overlap, ...when };
}

/** What goes on is asked to stop first: where that is interrupted, a repeat finds the experiment still there. */
export async function decideDelete(
  { store, temporal }: ChangeParts,
  key: ExperimentKey,
  change: RequestMeta,
): Promise<Decided> {
  const { experiments, runs } = store.experiments;
  await requireExperiment(store.experiments, key);
  return {
    effect: describeDeleted(key, await runs.open(key)),
    carryOut: async () => {
      await recordChange(store, { type: 'experiment.deleted', experiment: key }, change);
      const because = { ...change, reason: change.reason ?? 'its experiment is deleted' };
      const open = await runs.open(key);
      for (const run of open) await stopRun(store, run, because);
      await experiments.delete(key, new Date().toISOString());
      const record = await experiments.find(key);
      const unscheduled = record && (await temporal.align(record));
      return { remark: unscheduled ?? (await temporal.tell(open)) };
    },
  };
}

export async function decidePause(
  { store, temporal }: ChangeParts,
  key: ExperimentKey,
  change: RequestMeta,
): Promise<Decided> {
  const { paused, spec } = await requireExperiment(store.experiments, key);
  const id = formatExperimentId(key);
  if (!spec.schedule) {
    throw refused(`${id} has no schedule to pause: it runs when somebody asks for it`, 'stop ends a run that goes on');
  }
  if (paused) return unchanged(`${id} is paused already: ${paused.by} has asked for that at ${paused.at}`);
  const goesOn = describeOpen(await store.experiments.runs.open(key));
  const { actor: by, reason } = change;
  return {
    effect: `${id} does not run by itself until it is resumed${goesOn}`,
    carryOut: async () => {
      await recordChange(store, { type: 'experiment.paused', experiment: key }, change);
      const at = new Date().toISOString();
      await store.experiments.experiments.setPaused(key, { by, at, ...(reason === undefined ? {} : { reason }) });
      return { remark: await temporal.align(await requireExperiment(store.experiments, key)) };
    },
  };
}

export async function decideResume(
  { store, temporal }: ChangeParts,
  key: ExperimentKey,
  change: RequestMeta,
): Promise<Decided> {
  const { paused, spec } = await requireExperiment(store.experiments, key);
  const id = formatExperimentId(key);
  if (!paused) return unchanged(`${id} is not paused: ${describeBeginning(spec, undefined)}`);
  return {
    effect: `${id} is not paused any more: ${describeBeginning(spec, undefined)}; what it missed stays missed`,
    carryOut: async () => {
      await recordChange(store, { type: 'experiment.resumed', experiment: key }, change);
      await store.experiments.experiments.setPaused(key, undefined);
      return { remark: await temporal.align(await requireExperiment(store.experiments, key)) };
    },
  };
}

function unchanged(effect: string): Decided {
  return { effect, carryOut: () => Promise.resolve({}) };
}

function describeOpen(open: readonly RunRecord[]): string {
  if (open.length === 0) return '';
  return open.length === 1 ? '; the run that goes on goes on' : `; the ${open.length} runs that go on go on`;
}
