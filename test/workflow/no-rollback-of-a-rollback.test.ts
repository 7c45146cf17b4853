import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { verdict } from '../doubles/recording-activities.ts';
import { act } from './act.ts';
import { Bench } from './bench.ts';
import { afterwards, answering, passing, permanent } from './faults.ts';
import { input, spec } from './samples.ts';
import { benchForEach } from './suite.ts';

const STEPS = [
  { weight: 10, bakeMs: 10 },
  { weight: 50, bakeMs: 10 },
  { weight: 100, bakeMs: 10 },
];

/** Where a rollback may fail, and how. */
const someFault = fc.oneof(
  fc.record({
    step: fc.constantFrom('provision' as const, 'check' as const, 'recheck' as const, 'bake' as const),
    how: fc.constantFrom('permanent' as const, 'verdict' as const),
    after: fc.nat(3),
  }),
  fc.record({
    step: fc.constantFrom('shift' as const, 'settle' as const, 'open' as const, 'close' as const),
    how: fc.constantFrom('passing' as const, 'late' as const, 'permanent' as const),
    after: fc.nat(3),
  }),
);
type Fault = typeof someFault extends fc.Arbitrary<infer Each> ? Each : never;

/** What a rollback can do without: what it has settled on, and how it has begun and ended, has to be recorded. */
const REQUIRED: readonly string[] = ['open', 'settle', 'close'];

function break_({ activities }: Bench, { step, how, after }: Fault): void {
  const failed = verdict('home', 1, 'fail');
  const acts = {
    passing: passing(),
    late: afterwards(passing()),
    permanent: REQUIRED.includes(step) ? passing() : permanent('StackFailed'),
    verdict: answering(step === 'check' ? failed : [failed]),
  };
  if (after > 0) activities.on(step, (effect) => effect(), { times: after });
  activities.on(step, step === 'provision' ? permanent('StackFailed') : acts[how]);
}

describe('a rollback', () => {
  const bench = benchForEach();

  it('never gives traffic to what it left, whatever fails, unless a person says so', async () => {
    const property = fc.asyncProperty(
      fc.array(someFault, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      fc.array(fc.constantFrom('retry' as const, 'promote' as const), { minLength: 12, maxLength: 12 }),
      async (faults, isWarm, decisions) => {
        const own = await Bench.open(bench().env);
        try {
          for (const fault of faults) break_(own, fault);
          const described = spec(own.service, { bakeMs: 10 });
          const handle = await own.start(
            input(described, { kind: 'rollback', to: 1, live: 2, warm: isWarm ? [1] : [], plan: STEPS }),
          );
          const { status } = await decide(own, handle, [...decisions]);
          const fled = own.activities.router.writes.map(
            ({ targets }) => targets.find(({ revision }) => revision === 2)?.weight ?? 0,
          );
          // As the route was to begin with, and never more again.
          assert.deepEqual(
            fled,
            fled.toSorted((a, b) => b - a),
          );
          // It ends with what it was to bring, or before it has moved anything.
          if (status.outcome === 'succeeded') assert.equal(own.activities.router.weights.r1, 100);
          else assert.deepEqual([status.outcome, new Set(fled)], ['failed', new Set([100])]);
        } finally {
          await own.close();
        }
      },
    );
    await fc.assert(property, { numRuns: 30, endOnFailure: true });
  }).timeout(240_000);
});

/** Has somebody decide as often as it is frozen. */
async function decide(own: Bench, handle: Awaited<ReturnType<Bench['start']>>, decisions: ('retry' | 'promote')[]) {
  const ended = handle.result();
  const over = ended.then(() => true);
  for (;;) {
    const isFrozen = own
      .until(handle, ({ frozen, outcome }) => frozen !== undefined || outcome !== undefined)
      .then(({ outcome }) => outcome !== undefined);
    if (await Promise.race([over, isFrozen])) return ended;
    await act(own, handle, decisions.shift() ?? 'promote');
  }
}
