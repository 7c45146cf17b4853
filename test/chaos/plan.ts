import fc from 'fast-check';
import { type GuardedRun, type Guards, describeGuards, drawGuards } from './guards/plan.ts';
import { type Ramp, drawRamps, drawRouter } from './ramps.ts';

/** How a revision behaves. */
export const BEHAVIOURS = ['good', 'slow', 'unhealthy', 'deaf', 'sickens'] as const;
/**
 * - `good`: healthy as soon as it listens. `slow`: the same after a second.
 * - `unhealthy`: its health check never answers 200. `deaf`: it never listens, so its stack cannot be made.
 * - `sickens`: healthy until it gets its first user's request; it goes on answering users.
 */
export type Behaviour = (typeof BEHAVIOURS)[number];

/** What goes wrong in the provider while a revision's stack is made or destroyed. */
export const PROVIDER_FAULTS = [
  'hang',
  'create-then-error',
  'throttle',
  'slow-create',
  'destroy-fails',
  'destroy-fails-half-way',
  'slow-delete',
] as const;
export type ProviderFault = (typeof PROVIDER_FAULTS)[number];

/** What people do in one step. */
export type Wish =
  | { do: 'deploy'; behaviour: Behaviour; provider?: ProviderFault; ramp?: Ramp; guards?: Guards }
  | { do: 'rollback' }
  | { do: 'promote'; full?: true }
  | { do: 'abort' | 'pause' };

export interface Step {
  wish: Wish;
  /** Whether the next step waits for the end of this one's rollout. */
  wait: boolean;
}

/** What breaks in any run. Those with a duration last `holdMs`. */
const COMMON_FAULT_KINDS = [
  'worker-killed',
  'all-workers-killed',
  'worker-stopped-and-continued',
  'worker-restarted',
  'gateway-killed',
  'gateway-restarted',
  'temporal-killed',
  'temporal-restarted',
  'router-killed',
  'router-restarted',
  'engine-killed',
  'provider-killed',
  'dev-killed',
  'power-cut',
  'store-locked',
  'disk-full',
  'clock-jumped',
  'postgres-killed',
  'postgres-restarted',
  'service-terminated',
] as const;
/** `receiver-killed`: of a run with gates and hooks, the programs of others that these call. */
export const FAULT_KINDS = [...COMMON_FAULT_KINDS, 'receiver-killed'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface PlannedFault {
  kind: FaultKind;
  /** Strikes with the request of this step, counted from 1 since the first one is there to have something to lose … */
  step: number;
  /** … and this long after it was sent, in milliseconds. */
  delayMs: number;
  holdMs: number;
  /** Which of several processes: an index, counted round. */
  pick: number;
}

/** Everything that is random about a run. The same seed makes the same plan. */
export interface Plan {
  seed: number;
  /** A second worker stands by. */
  secondWorker: boolean;
  /** Audit log and catalogue are in Postgres; else in SQLite. */
  postgres: boolean;
  /** What splits the traffic; the embedded one where no HAProxy is installed. */
  router: 'embedded' | 'haproxy';
  /** What its deployments wait for, and whom they tell; absent where that is nothing and nobody. */
  guarded?: GuardedRun;
  steps: Step[];
  faults: PlannedFault[];
}

const MOST_STEPS = 2;

const behaviour = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Behaviour>('good') },
  { weight: 2, arbitrary: fc.constant<Behaviour>('slow') },
  { weight: 1, arbitrary: fc.constantFrom<Behaviour>('unhealthy', 'deaf', 'sickens') },
);

const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 5, arbitrary: behaviour.map((chosen): Wish => ({ do: 'deploy', behaviour: chosen })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...PROVIDER_FAULTS).map((provider): Wish => ({
      do: 'deploy',
      behaviour: 'good',
      provider,
    })),
  },
  { weight: 2, arbitrary: fc.constant<Wish>({ do: 'rollback' }) },
  { weight: 1, arbitrary: fc.constantFrom<Wish>({ do: 'abort' }, { do: 'promote' }, { do: 'pause' }) },
);

const step: fc.Arbitrary<Step> = fc.record({ wish, wait: fc.boolean() });

/** Somewhere within the two or three seconds that a rollout takes, most often early. */
const delayMs = fc.oneof(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 2_500 }));

const fault = (steps: number): fc.Arbitrary<PlannedFault> =>
  fc.record({
    kind: fc.constantFrom(...COMMON_FAULT_KINDS),
    step: fc.integer({ min: 1, max: steps }),
    delayMs,
    holdMs: fc.integer({ min: 500, max: 9_000 }),
    pick: fc.nat(7),
  });

const plan = fc.array(step, { minLength: 1, maxLength: MOST_STEPS }).chain((steps) =>
  fc.record({
    secondWorker: fc.boolean(),
    postgres: fc.nat(3).map((drawn) => drawn === 0),
    steps: fc.constant(steps),
    faults: fc.array(fault(steps.length), { minLength: 1, maxLength: 3 }),
  }),
);

/** The plan of a seed. The first step of every run deploys something good, so that there is traffic to lose. */
export function planOf(seed: number): Plan {
  const [drawn] = fc.sample(plan, { seed, numRuns: 1 });
  const first: Step = { wish: { do: 'deploy', behaviour: 'good' }, wait: true };
  const { faults, steps, postgres, ...more } = drawn!;
  const needsPostgres = has(faults, 'postgres-killed', 'postgres-restarted');
  const ramps = drawRamps(seed, steps.length);
  const ramped = steps.map((each, index): Step => ({ ...each, wish: withRamp(each.wish, ramps[index]!) }));
  const router = drawRouter(seed);
  const world = { ...more, router, postgres: postgres || needsPostgres };
  return withGuards({ seed, ...world, steps: [first, ...ramped], faults });
}

/** The first deployment has no gates: it is there to have something to lose. */
function withGuards(drawn: Plan): Plan {
  const { seed, steps, faults } = drawn;
  const count = steps.length - 1;
  const guarded = drawGuards(seed, { deployments: count, steps: count });
  if (!guarded) return drawn;
  return {
    ...drawn,
    guarded,
    steps: steps.map(({ wish, wait }, index) => {
      const guards = index === 0 ? { hooks: [] } : guarded.deployments[index - 1]!;
      return { wish: wish.do === 'deploy' ? { ...wish, guards } : wish, wait };
    }),
    faults: [...faults, ...guarded.outages.map((outage) => ({ kind: 'receiver-killed' as const, pick: 0, ...outage }))],
  };
}

/** What was drawn for a ramp says of a promotion whether it is one in full. */
function withRamp(wish: Wish, ramp: Ramp): Wish {
  if (wish.do === 'deploy') return { ...wish, ramp };
  return wish.do === 'promote' && ramp.judge ? { ...wish, full: true } : wish;
}

/** What kind of world a plan needs: most faults can be had in any. */
export interface Variant {
  /** The data folder has a small file system of its own, which can be filled. */
  smallDisk: boolean;
  /** Its processes' clock can be set, apart from Temporal's and the engine's, which ask the kernel themselves. */
  ownClock: boolean;
  postgres: boolean;
  router: 'embedded' | 'haproxy';
}

export function variantOf({ faults, postgres, router }: Plan): Variant {
  return { smallDisk: has(faults, 'disk-full'), ownClock: has(faults, 'clock-jumped'), postgres, router };
}

function has(faults: readonly PlannedFault[], ...wanted: FaultKind[]): boolean {
  return faults.some(({ kind }) => wanted.includes(kind));
}

/** One line, for people. */
export function described({ seed, steps, faults, secondWorker, postgres, router, guarded }: Plan): string {
  const wishes = steps.map(({ wish, wait }) => `${describeWish(wish)}${wait ? '' : ' (not waited for)'}`);
  const breaks = faults.map(({ kind, step: number, delayMs: delay }) => `${kind} at step ${number} + ${delay} ms`);
  const world = `${secondWorker ? ', two workers' : ''}${postgres ? ', Postgres' : ''}${router === 'haproxy' ? ', HAProxy' : ''}${guarded?.migrations ? ', migrations' : ''}`;
  return `seed ${seed}${world}: ${wishes.join('; ')} | ${breaks.join('; ')}`;
}

/** `deploy good, slow-create, canary, analysis, fresh baseline`. */
export function describeWish(wish: Wish): string {
  const { strategy, judge, isFresh, isPreviewed } = (wish.do === 'deploy' ? wish.ramp : undefined) ?? {};
  const besides = isFresh ? 'fresh baseline' : isPreviewed ? 'previewed' : undefined;
  const guards = wish.do === 'deploy' && wish.guards ? describeGuards(wish.guards) : [];
  const how = wish.do === 'deploy' ? [wish.behaviour, wish.provider, strategy, judge, besides, ...guards] : [];
  const full = wish.do === 'promote' && wish.full ? ' --full' : '';
  const told = how.filter((each) => each !== undefined).join(', ');
  return `${wish.do}${full}${told === '' ? '' : ` ${told}`}`;
}
