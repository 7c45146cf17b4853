import fc from 'fast-check';
import { VERBS, type Verb } from '../../../src/domain/rollout/verbs.ts';
import { CONCURRENCY_POLICIES, type ConcurrencyPolicy } from '../../../src/domain/service/service.ts';
import type { StrategySpec } from '../../../src/domain/service/strategy.ts';
import { ERRORS } from '../../domain/evidence/judge/samples.ts';
import { gates } from './gate-draws.ts';
import { type DrawnGate, PEOPLE, type Person } from './gate-rules.ts';

/** One thing that a client asks. */
export interface Ask {
  /** `supersede` is a deployment that takes the rollout's place; `lift` ends the stop of changes. */
  what: Verb | 'supersede' | 'lift';
  full?: true;
  breakGlass?: true;
  /** Of approve: who does; whoever asks unless told. */
  by?: Person;
  /** Once more under the same request id, at the same time. */
  twice?: true;
}

/** A row of the report, without what is said of it beside where it is: `bake of the first step`. */
export type Situation = string;

/** How a rollout is, beside where it is: at work, paused, being put back, or frozen since it has failed there. */
export type Mode = 'plain' | 'paused' | 'undoing' | 'frozen';

/** Where something is asked, and what. */
export interface Aim {
  /** Of the rollout's places, and one more: where it is over. Or the situation that it is to be in. */
  place: number | Situation;
  mode: Mode;
  /** One after the other; what stands in one of them is asked at once, by a client each. */
  rounds: Ask[][];
}

/** One random sequence: a rollout, what goes wrong in it, and what two clients ask of it meanwhile. */
export interface Sequence {
  subject: 'deploy' | 'rollback' | 'remove';
  strategy: StrategySpec;
  concurrency: ConcurrencyPolicy;
  warm: number;
  gates: DrawnGate[];
  /** Changes are stopped when it begins, and until somebody lifts that. */
  isStopped: boolean;
  /** Its deployments do not go back by themselves once traffic has moved. */
  freezes: boolean;
  fault?: { step: 'provision' | 'check' | 'bake'; nth: number; verdict: 'fail' | 'inconclusive' };
  /** Which steps are held up until the clients have spoken: none, such as are activities of their own, or all. */
  holds: 'none' | 'lasting' | 'all';
  aims: Aim[];
}

const BAKE_MS = 5;

const bake = fc.constantFrom(BAKE_MS, BAKE_MS, 0);

const judged = fc.boolean().map((is) => (is ? { analysis: ERRORS } : {}));

const looked = fc.boolean().map((is) => (is ? { preview: {} } : {}));

const strategy: fc.Arbitrary<StrategySpec> = fc
  .tuple(
    fc.oneof(
      {
        weight: 2,
        arbitrary: fc.tuple(bake, looked).map(([bakeMs, more]) => ({ kind: 'blue-green' as const, bakeMs, ...more })),
      },
      {
        weight: 4,
        arbitrary: fc
          .tuple(fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 2, maxLength: 3 }), bake, bake)
          .map(([weights, first, bakeMs]) => ({
            kind: 'canary' as const,
            steps: weights
              .sort((a, b) => a - b)
              .map((weight, index) => ({ weight, bakeMs: index === 0 ? first : BAKE_MS })),
            bakeMs,
          })),
      },
      { weight: 2, arbitrary: bake.map((bakeMs) => ({ kind: 'linear' as const, step: 34, everyMs: BAKE_MS, bakeMs })) },
      {
        weight: 2,
        arbitrary: bake.map((bakeMs) => ({ kind: 'exponential' as const, growth: 30, everyMs: BAKE_MS, bakeMs })),
      },
    ),
    judged,
  )
  .map(([each, judges]) => ({ ...each, ...judges }));

const ask: fc.Arbitrary<Ask> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.constantFrom(...VERBS), fc.nat({ max: 5 }), fc.constantFrom(...PEOPLE), fc.nat({ max: 9 }))
      .map(([what, how, by, chance]): Ask => ({
        what,
        ...(what === 'promote' && how % 2 === 1 ? { full: true } : {}),
        ...(what === 'promote' && how < 2 ? { breakGlass: true } : {}),
        ...(what === 'approve' ? { by } : {}),
        ...(chance === 0 ? { twice: true } : {}),
      })),
  },
  { weight: 1, arbitrary: fc.constantFrom<Ask>({ what: 'supersede' }, { what: 'supersede' }, { what: 'lift' }) },
);

const aim: fc.Arbitrary<Aim & { place: number }> = fc.record({
  place: fc.nat({ max: 16 }),
  mode: fc.constantFrom('plain', 'plain', 'paused', 'undoing'),
  rounds: fc.array(fc.array(ask, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }),
});

const someFault: fc.Arbitrary<NonNullable<Sequence['fault']>> = fc.record({
  step: fc.constantFrom('provision', 'check', 'bake', 'bake'),
  nth: fc.nat({ max: 2 }),
  verdict: fc.constantFrom('fail', 'inconclusive'),
});

const fault = fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: someFault });

const subject: fc.Arbitrary<Sequence['subject']> = fc.oneof(
  { weight: 10, arbitrary: fc.constant('deploy' as const) },
  { weight: 1, arbitrary: fc.constant('rollback' as const) },
  { weight: 1, arbitrary: fc.constant('remove' as const) },
);

/** In the order of their places; what is put back goes nowhere else any more. */
function inOrder(aims: readonly (Aim & { place: number })[]): Aim[] {
  return [...aims]
    .sort((one, other) => one.place - other.place)
    .map((each, index) => (index + 1 < aims.length && each.mode === 'undoing' ? { ...each, mode: 'paused' } : each));
}

export const sequence: fc.Arbitrary<Sequence> = fc
  .record({
    subject,
    strategy,
    concurrency: fc.constantFrom(...CONCURRENCY_POLICIES),
    warm: fc.nat({ max: 2 }),
    gates,
    isStopped: fc.nat({ max: 9 }).map((chance) => chance === 0),
    freezes: fc.nat({ max: 3 }).map((chance) => chance === 0),
    fault,
    holds: fc.constantFrom('none', 'lasting', 'all', 'all', 'all', 'all'),
    aims: fc.array(aim, { minLength: 1, maxLength: 2 }),
  })
  .map(({ fault: found, aims, ...each }) => ({ ...each, aims: inOrder(aims), ...(found ? { fault: found } : {}) }));
