import type { ExperimentKey } from '../../domain/experiment/experiment.ts';
import type { RunRef } from '../../domain/experiment/run.ts';

/** What rows of an experiment are found by. */
export function toExperimentColumns({ name, environment }: ExperimentKey): { experiment: string; environment: string } {
  return { experiment: name, environment };
}

/** What rows of a run are found by. */
export function toRunColumns({ experiment, run }: RunRef): { experiment: string; environment: string; run: number } {
  return { ...toExperimentColumns(experiment), run };
}
