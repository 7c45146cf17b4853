import { describeDrill } from '../../../domain/experiment/drill/words.ts';
import { formatDuration } from '../../../config/duration.ts';
import type { BudgetSpec, ExperimentSpec, VariantSource } from '../../../domain/experiment/experiment.ts';
import { formatExperimentId } from '../../../domain/experiment/experiment.ts';
import type { RunStatus } from '../../../domain/experiment/run.ts';
import { describeSchedule } from '../../../domain/experiment/schedule-words.ts';
import type { ScheduleSpec } from '../../../domain/experiment/schedule.ts';
import type { ExperimentView } from '../../../domain/experiment/view.ts';
import { formatRevisionName, shortenDigest } from '../../../domain/service/revision.ts';
import { formatServiceId } from '../../../domain/service/service.ts';
import { type Fact, facts } from '../facts.ts';
import type { Frame } from '../frame.ts';
import { type Column, table } from '../table.ts';
import { type Line, line, span, type Tone } from '../text.ts';
import { ago, between, clock, moment, until } from '../time.ts';
import { plural } from '../words.ts';
import { describeRunState, renderRunTree } from './run.ts';

/** Everything about an experiment on one screen. */
export function renderExperiment(view: ExperimentView, frame: Frame): Line[] {
  const { lastRun, openRuns } = view;
  const shown = openRuns.length > 0 ? openRuns : lastRun === undefined ? [] : [lastRun];
  return [
    ...facts(header(view, frame), frame),
    ...shown.flatMap(({ status }) => [[], ...renderRunTree(status, frame)]),
  ];
}

function header(view: ExperimentView, { compact, now }: Frame): (Fact | undefined)[] {
  const { nextRuns, paused, spec, warnings } = view;
  const [next, ...later] = nextRuns;
  const { budget, drill, keepMs, overlap, probes, schedule, stay, ttlMs, variants } = spec;
  return [
    { name: 'Name', value: formatExperimentId(spec.experiment), tone: 'strong' },
    { name: 'Status', ...describeExperimentState(view, now) },
    ...warnings.map((value) => ({ name: 'Warning', value, tone: 'bad' as const })),
    paused && {
      name: 'Paused',
      value: `by ${paused.by}, ${ago(paused.at, now)}${paused.reason === undefined ? '' : `: ${paused.reason}`}`,
      tone: 'busy',
    },
    { name: 'Schedule', value: schedule === undefined ? 'none: it runs on demand' : describeTimes(schedule) },
    next === undefined || paused
      ? undefined
      : { name: 'Next', value: [moment(next, now), ...(compact ? [] : later.map((at) => clock(at, now)))].join(', ') },
    drill
      ? { name: 'Drill', value: describeDrill(drill) }
      : { name: 'Variants', value: variants.map(({ name, source }) => `${name} ${describeSource(source)}`).join('; ') },
    compact || probes.length === 0 ? undefined : { name: 'Probes', value: describeProbes(spec) },
    compact
      ? undefined
      : {
          name: 'TTL',
          value: `${formatDuration(ttlMs)}; ${stay === 'until-ttl' ? 'stacks stay until then' : 'stacks go once they are probed'}`,
        },
    compact
      ? undefined
      : {
          name: 'Limits',
          value: `overlap ${overlap}${describeBudget(budget)}; results are kept for ${formatDuration(keepMs)}`,
        },
  ];
}

function describeProbes({ compare, probes }: ExperimentSpec): string {
  const names = probes.map((probe) =>
    probe.kind === 'load' ? `${probe.name} (${probe.rate} requests/s for ${formatDuration(probe.forMs)})` : probe.name,
  );
  return `${names.join(', ')}${compare === undefined ? '' : `; held against ${compare.baseline}`}`;
}

function describeSource(source: VariantSource): string {
  if (source.kind === 'release') return `is ${shortenDigest(source.artifact)} by ${source.blueprint.name}`;
  const which = source.revision === undefined ? 'what is live' : formatRevisionName(source.revision);
  return `is like ${formatServiceId(source.service)}, ${which}${source.patch === undefined ? '' : ', with a patch'}`;
}

function describeBudget({ stackHoursPerDay, stacks }: BudgetSpec): string {
  return [
    ...(stacks === undefined ? [] : [`at most ${plural(stacks, 'stack')}`]),
    ...(stackHoursPerDay === undefined ? [] : [`at most ${stackHoursPerDay} stack-hours a day`]),
  ]
    .map((text) => `; ${text}`)
    .join('');
}

/** When it runs by itself, in words, with what else is said of that. */
export function describeTimes({ endAt, jitterMs, startAt, ...times }: ScheduleSpec): string {
  return [
    describeSchedule(times),
    ...(jitterMs ? [`put off by up to ${formatDuration(jitterMs)}`] : []),
    ...(startAt === undefined ? [] : [`from ${startAt}`]),
    ...(endAt === undefined ? [] : [`until ${endAt}`]),
  ].join(', ');
}

/** One line for `status` and `list`: what goes on, else how the last run ended. */
export function describeExperimentState(
  { lastRun, nextRuns, openRuns, paused, warnings }: ExperimentView,
  now: Date,
): { value: string; tone: Tone } {
  const [open, ...others] = openRuns;
  const bad = warnings.length > 0;
  if (open) {
    const took = between(open.status.startedAt, now);
    const more = others.length === 0 ? '' : ` and ${plural(others.length, 'more')}`.replace(/s$/, '');
    return {
      value: `run ${open.status.run}: ${describeRunState(open.status, took)}${more}`,
      tone: bad ? 'bad' : 'busy',
    };
  }
  const last = lastRun && describeEnd(lastRun.status);
  const [next] = nextRuns;
  const coming = paused ? 'paused' : next === undefined ? undefined : `next ${until(next, now)}`;
  const value = [last?.text ?? 'no run yet', ...(coming === undefined ? [] : [coming])].join('; ');
  return { value, tone: bad ? 'bad' : (last?.tone ?? 'plain') };
}

function describeEnd({ outcome = 'lost', run }: RunStatus): { text: string; tone: Tone } {
  const tone = outcome === 'succeeded' ? 'good' : outcome === 'failed' || outcome === 'lost' ? 'bad' : 'plain';
  return { text: `run ${run} ${outcome}`, tone };
}

const LIST: Column[] = [
  { title: 'EXPERIMENT' },
  { title: 'STATUS' },
  { title: 'SCHEDULE', rank: 2 },
  { title: 'VARIANTS', rank: 1 },
];

/** One line an experiment. */
export function renderExperiments(experiments: readonly ExperimentView[], { now, width }: Frame): Line[] {
  if (experiments.length === 0) {
    return [
      line('No experiments yet. Describe one with '),
      line(span('  supplant init --experiment', 'accent')),
      line(span('  supplant apply -f experiment.yaml', 'accent')),
    ];
  }
  const rows = experiments.map((view) => {
    const { value, tone } = describeExperimentState(view, now);
    const { drill, experiment, schedule, variants } = view.spec;
    return [
      formatExperimentId(experiment),
      { text: value, tone },
      schedule === undefined ? 'on demand' : describeTimes(schedule),
      drill ? `drill of ${formatServiceId(drill.service)}` : variants.map(({ name }) => name).join(', '),
    ];
  });
  return table(LIST, rows, width);
}
