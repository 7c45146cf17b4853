import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ExperimentView } from '../../../domain/experiment/view.ts';
import type { Experiment, ExperimentSchema } from '../../gen/supplant/v1/experiments_pb.ts';
import { names } from '../../names.ts';
import { emptyToUndefined, omitUndefined } from '../given.ts';
import { fromRequiredTimestamp, toTimestamp } from '../time.ts';
import { fromRun, toRun } from './run.ts';
import { fromExperimentSpec, toExperimentSpec } from './spec.ts';

export function toExperiment(view: ExperimentView): MessageInitShape<typeof ExperimentSchema> {
  const { spec, paused, nextRuns, openRuns, lastRun, warnings } = view;
  return omitUndefined({
    name: names.experiment(spec.experiment),
    spec: toExperimentSpec(spec),
    paused: paused !== undefined,
    pause: paused && omitUndefined({ actor: paused.by, time: toTimestamp(paused.at), reason: paused.reason }),
    nextRunTimes: nextRuns.flatMap((time) => toTimestamp(time) ?? []),
    openRuns: openRuns.map(toRun),
    lastRun: lastRun && toRun(lastRun),
    warnings,
  });
}

export function fromExperiment(message: Experiment): ExperimentView {
  const { name, spec, paused, pause, nextRunTimes, openRuns, lastRun, warnings } = message;
  if (!spec) throw new TypeError(`${name} was sent without its spec`);
  return omitUndefined({
    spec: fromExperimentSpec(spec),
    paused: paused
      ? omitUndefined({
          by: pause?.actor ?? '',
          at: fromRequiredTimestamp(pause?.time),
          reason: emptyToUndefined(pause?.reason ?? ''),
        })
      : undefined,
    nextRuns: nextRunTimes.map(fromRequiredTimestamp),
    openRuns: openRuns.map(fromRun),
    lastRun: lastRun && fromRun(lastRun),
    warnings,
  });
}
