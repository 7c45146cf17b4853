import type { ExperimentKey, ExperimentSpec, VariantSpec } from '../../../src/domain/experiment/experiment.ts';
import { LOAD_DEFAULTS, type ProbeSpec } from '../../../src/domain/experiment/probe.ts';
import { specOf } from '../program.ts';
import type { ExperimentPlan, PlannedVariant } from './plan.ts';

/** That of the service that is live beside all experiments. */
export const ENVIRONMENT = 'chaos';

const NAMES = ['blue', 'green'] as const;
const RATE = 20;
const HOUR_MS = 3_600_000;
/** As many as the machine can look after in time. */
const MOST_STACKS = 4;

export type Described = Pick<ExperimentPlan, 'variants' | 'overlap' | 'stay' | 'ttlMs' | 'loadMs' | 'everyMs'>;

export function experimentOf(seed: number): ExperimentKey {
  return { name: `e${seed}`, environment: ENVIRONMENT };
}

/** The experiment of a plan, as people would write it. */
export function describeExperiment({ seed, ...plan }: Described & { seed: number }): ExperimentSpec {
  const { variants, overlap, stay, ttlMs, loadMs, everyMs } = plan;
  const [baseline] = NAMES;
  return {
    experiment: experimentOf(seed),
    variants: variants.map((variant, index) => describeVariant(seed, NAMES[index] ?? baseline, variant)),
    probes: describeProbes(loadMs),
    ...(loadMs !== undefined && variants.length > 1
      ? { compare: { baseline, confidence: 0.95, tolerance: 0.05 } }
      : {}),
    ...(everyMs === undefined ? {} : { schedule: { every: { everyMs, offsetMs: 0 } } }),
    ...{ ttlMs, stay, overlap },
    budget: { stacks: MOST_STACKS },
    keepMs: HOUR_MS,
  };
}

function describeVariant(seed: number, name: string, { behaviour, provider }: PlannedVariant): VariantSpec {
  const release = { service: experimentOf(seed), version: `e${seed}-${name}`, behaviour };
  const { artifact, blueprint, checks } = specOf({ ...release, ...(provider ? { provider } : {}) });
  return { name, source: { kind: 'release', artifact, blueprint }, checks };
}

function describeProbes(loadMs: number | undefined): ProbeSpec[] {
  const timing = { successes: 1, intervalMs: 50, timeoutMs: 2_000, deadlineMs: 5_000 };
  const answers: ProbeSpec = {
    ...{ kind: 'check', name: 'answers' },
    check: { kind: 'http', name: 'answers', path: '/', status: [200], responseHeaders: {}, ...timing },
  };
  if (loadMs === undefined) return [answers];
  const load = { rate: RATE, forMs: loadMs, warmUpMs: 0, status: [200], timeoutMs: 2_000 };
  const { path, method } = LOAD_DEFAULTS;
  return [answers, { kind: 'load', name: 'load', path, method, ...load }];
}
