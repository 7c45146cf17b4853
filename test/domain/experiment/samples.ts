import type { ExperimentSpec } from '../../../src/domain/experiment/experiment.ts';
import type { LoadProbe } from '../../../src/domain/experiment/probe.ts';

/** A load that a test may change. */
export function loadProbe(changes: Partial<LoadProbe> = {}): LoadProbe {
  return {
    ...{ kind: 'load', name: 'steady', rate: 20, forMs: 60_000, warmUpMs: 5_000 },
    ...{ method: 'GET', path: '/', status: [200], timeoutMs: 5_000 },
    ...changes,
  };
}

/** An experiment with two variants and a load that nothing is wrong with. */
export function experimentSpec(changes: Partial<ExperimentSpec> = {}): ExperimentSpec {
  const blueprint = { name: 'local-process', config: {} };
  return {
    experiment: { name: 'nightly', environment: 'production' },
    variants: [
      { name: 'blue', source: { kind: 'release', artifact: 'v1', blueprint } },
      { name: 'green', source: { kind: 'release', artifact: 'v2', blueprint } },
    ],
    probes: [loadProbe()],
    compare: { baseline: 'blue', confidence: 0.95, tolerance: 0.05 },
    ttlMs: 3_600_000,
    stay: 'until-probed',
    overlap: 'skip',
    budget: {},
    keepMs: 30 * 86_400_000,
    ...changes,
  };
}
