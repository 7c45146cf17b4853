import { formatDuration } from '../../../domain/duration.ts';
import { DRILL_VARIANTS } from '../../../domain/experiment/drill/drill.ts';
import { describeDrill } from '../../../domain/experiment/drill/words.ts';
import { type ExperimentKey, type ExperimentSpec, formatExperimentId } from '../../../domain/experiment/experiment.ts';
import { formatRunName } from '../../../domain/experiment/run.ts';
import { describeSchedule } from '../../../domain/experiment/schedule-words.ts';
import type { ExperimentRecord, RunRecord } from '../../../store/experiments/stores.ts';

/** `a run of 2 stacks, which are gone after 1h at the latest`. */
export function describeRun({ variants, drill, ttlMs }: Pick<ExperimentSpec, 'variants' | 'drill' | 'ttlMs'>): string {
  if (drill) {
    const stacks = `${DRILL_VARIANTS.length} stacks one after the other`;
    return `a drill of the ${describeDrill(drill)}: ${stacks}, which are gone after ${formatDuration(ttlMs)} at the latest`;
  }
  const [stacks, are] = variants.length === 1 ? ['1 stack', 'is'] : [`${variants.length} stacks`, 'are'];
  return `a run of ${stacks}, which ${are} gone after ${formatDuration(ttlMs)} at the latest`;
}

/** What becomes of a run that begins while others of its experiment go on; nothing where none does. */
export function describeOverlap({ overlap }: ExperimentSpec, open: readonly RunRecord[]): string {
  if (open.length === 0 || overlap === 'allow') return '';
  const names = listRuns(open);
  const [go, are] = open.length === 1 ? ['goes', 'is'] : ['go', 'are'];
  switch (overlap) {
    case 'skip':
      return `; ${names} ${go} on: unless that is over when it begins, it is skipped`;
    case 'buffer-one':
      return `; it waits until ${names} ${are} over`;
    case 'replace':
      return `; ${names} ${are} stopped for it`;
    case 'hand-over':
      return `; ${names} ${go} on until it is healthy and has taken over`;
  }
}

/** What applying a description does. */
export function describeApplied(spec: ExperimentSpec, before: ExperimentRecord | undefined, open: number): string {
  const id = formatExperimentId(spec.experiment);
  const is = !before || before.deletedAt !== undefined ? 'is created' : 'is changed';
  const goesOn =
    open === 0 ? '' : `; ${open === 1 ? 'the run that goes' : `the ${open} runs that go`} on stays as it was`;
  return `${id} ${is}: ${describeBeginning(spec, before?.paused)}${goesOn}`;
}

/** When it runs from now on. */
export function describeBeginning(spec: ExperimentSpec, paused: ExperimentRecord['paused']): string {
  const { schedule } = spec;
  if (!schedule) return 'it runs when somebody asks for it';
  const when = describeSchedule(schedule);
  if (paused) return `it stays paused, as ${paused.by} has asked; once resumed, it runs by itself at ${when}`;
  return `it runs by itself at ${when}, ${describeRun(spec)}`;
}

/** `nightly/production@12 and nightly/production@13`. */
export function listRuns(runs: readonly RunRecord[]): string {
  return runs.map(({ status }) => formatRunName(status)).join(' and ');
}

export function describeDeleted(key: ExperimentKey, open: readonly RunRecord[]): string {
  const stopped = open.length === 0 ? '' : `; ${listRuns(open)} ${open.length === 1 ? 'is' : 'are'} stopped`;
  return `${formatExperimentId(key)} does not run any more, and its results stay as long as they would have${stopped}`;
}
