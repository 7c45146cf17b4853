import { randomUUID } from 'node:crypto';
import { type ExperimentSpec, formatExperimentId, parseVariantStack } from '../src/domain/experiment/experiment.ts';
import type { Comparison, Measurement } from '../src/domain/experiment/measurement.ts';
import type { RunResults, RunStatus } from '../src/domain/experiment/run.ts';
import type { RequestMeta } from '../src/domain/service/requests.ts';
import type { Cast } from './cast.ts';
import type { ExperimentChapter } from './chapters.ts';
import { stacks } from './leftovers.ts';
import type { ExperimentReport, VariantReport } from './report.ts';
import { counted } from './words.ts';

/** Has an experiment run once, shows the run until it is over, and tells what it has found and left. */
export async function playExperiment(cast: Cast, chapter: ExperimentChapter, index: number): Promise<ExperimentReport> {
  const { folder, load, stage } = cast;
  stage.begin(index);
  const began = performance.now();
  const before = load.report;
  const { status, results } = await runOnce(cast, chapter, index);
  const after = load.report;
  const report: ExperimentReport = {
    title: chapter.title,
    run: status.run,
    outcome: status.outcome ?? 'none',
    seconds: (performance.now() - began) / 1000,
    variants: status.variants.map((variant) => reportVariant(variant, results.measurements)),
    found: results.comparisons.toSorted(differencesFirst).map(({ words }) => words),
    live: {
      requests: (after?.total ?? 0) - (before?.total ?? 0),
      failed: (after?.failed ?? 0) - (before?.failed ?? 0),
    },
    left: (await stacks(folder)).filter((stack) => isOf(chapter.spec, stack)),
    ...(status.because === undefined ? {} : { because: status.because }),
  };
  const isGood = report.outcome === 'succeeded';
  const [found] = isGood ? report.found : [];
  stage.end(index, { isGood, seconds: report.seconds, ending: describeEnding(report), ...(found ? { found } : {}) });
  return report;
}

async function runOnce(
  { client: { experiments }, stage, signal }: Cast,
  { spec, title }: ExperimentChapter,
  index: number,
): Promise<{ status: RunStatus; results: RunResults }> {
  const change = (): RequestMeta => ({ actor: 'demo', reason: title, requestId: randomUUID() });
  await experiments.apply(spec, change());
  const { run } = await experiments.run(spec.experiment, change());
  if (run === undefined) throw new Error(`no run of ${formatExperimentId(spec.experiment)} has begun`);
  const ref = { experiment: spec.experiment, run };
  for await (const { status } of experiments.watchRun(ref, signal)) stage.show(index, status.phases);
  signal.throwIfAborted();
  const { results, run: view } = await experiments.results(ref);
  return { status: view.status, results };
}

function differencesFirst(one: Comparison, other: Comparison): number {
  return Number(one.verdict === 'undecided') - Number(other.verdict === 'undecided');
}

function reportVariant(
  { name, artifact }: Pick<VariantReport, 'name' | 'artifact'>,
  measurements: readonly Measurement[],
): VariantReport {
  const loads = measurements.filter((each) => each.kind === 'load');
  const load = loads.find(({ variant }) => variant === name);
  const { requests = 0, errors = 0, late = 0 } = load ?? {};
  return { name, artifact, requests, errors, late, ...(load?.latency ? { medianMillis: load.latency.p50 } : {}) };
}

function isOf({ experiment }: ExperimentSpec, stack: string): boolean {
  return parseVariantStack(experiment.environment, stack)?.experiment.name === experiment.name;
}

function describeEnding({ outcome, because, variants, left }: ExperimentReport): string {
  if (outcome !== 'succeeded') return `${outcome}${because === undefined ? '' : `: ${because}`}`;
  const made = counted(variants.length, 'variant');
  if (left.length === 0) return `${made} made, probed, compared and gone`;
  return `${made} made, probed and compared, ${counted(left.length, 'stack')} left`;
}
