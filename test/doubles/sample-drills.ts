import type { ExperimentView, RunView } from '../../src/domain/experiment/view.ts';
import type { RollbackProof } from '../../src/domain/rollback/proof.ts';
import type { RollbackSafety } from '../../src/domain/rollback/verdict.ts';
import { EXPERIMENT_SPEC, FAILED_RUN, IDLE_EXPERIMENT, PROBING } from './sample-experiments.ts';
import { NOW, SERVICE } from './sample-views.ts';

const DRILL = { name: 'web-drill', environment: 'production' };

/** r17 cannot be gone back from; r16 could. */
export const PROOFS: RollbackProof[] = [
  {
    ...{ service: SERVICE, from: 'c'.repeat(64), to: 'b'.repeat(64), fromLabel: 'r17', toLabel: 'r16' },
    ...{
      verdict: 'disproven',
      run: { experiment: DRILL, run: 4 },
      at: new Date(NOW.getTime() - 3_600_000).toISOString(),
    },
    because: 'r16 did not become healthy on what r17 left: variant back is not healthy: check answers failed: 500',
  },
  {
    ...{
      service: SERVICE,
      from: 'b'.repeat(64),
      to: 'a'.repeat(64),
      fromLabel: 'npm:http-server@14.1.0',
      toLabel: 'r15',
    },
    ...{
      verdict: 'proven',
      run: { experiment: DRILL, run: 3 },
      at: new Date(NOW.getTime() - 90_000_000).toISOString(),
    },
  },
];

export const DISPROVEN: RollbackSafety = {
  ...{ to: 16, verdict: 'disproven', run: 'web-drill/production@4' },
  because: 'r16 did not become healthy on what r17 left',
};

const { compare: _compare, addresses: _addresses, ...described } = EXPERIMENT_SPEC;

export const DRILL_EXPERIMENT: ExperimentView = {
  ...IDLE_EXPERIMENT,
  spec: {
    ...described,
    experiment: DRILL,
    variants: [],
    drill: { service: SERVICE, release: { artifact: 'npm:http-server@14.1.2' }, patch: { blueprint: { config: {} } } },
    stay: 'until-probed',
  },
};

const [variant] = PROBING.status.variants;

/** In its second stage. */
export const DRILLING: RunView = {
  ...PROBING,
  status: {
    ...PROBING.status,
    experiment: DRILL,
    variants: (['first', 'back', 'again'] as const).map((name, index) => {
      const { address: _address, like: _like, ...made } = variant!;
      const like = { service: SERVICE, revision: index === 1 ? 16 : 17 };
      return { ...made, name, like, state: index === 2 ? ('leased' as const) : ('ready' as const) };
    }),
    phases: PROBING.status.phases.map((phase) => ({
      ...phase,
      ...(phase.phase === 'probe' ? { note: 'back, 2 of 3' } : {}),
    })),
    wait: { ...PROBING.status.wait!, on: 'probe front, of r16 (back, 2 of 3)', then: 'the drill goes on' },
  },
};

export const DISPROVEN_RUN: RunView = {
  ...FAILED_RUN,
  status: { ...FAILED_RUN.status, experiment: DRILL, because: PROOFS[0]!.because! },
};
