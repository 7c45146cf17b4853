import fc from 'fast-check';
import { type PlannedFault, type Step, type Wish, describeWish } from '../plan.ts';
import type { FleetVariant } from './world.ts';

/** What breaks in any run. Those with a duration last `holdMs`. */
const COMMON_FAULT_KINDS = [
  'machine-lost',
  'machine-replaced',
  'two-machines-lost',
  'machine-cut-off',
  'machine-frozen',
  'clock-apart',
  'worker-killed',
  'worker-restarted',
  'runner-killed',
  'engine-killed',
  'postgres-killed',
  'postgres-restarted',
  'temporal-killed',
  'gateway-killed',
  'router-killed',
] as const;
/** `workers-replaced`: those of the next version take over from the ones that run. */
export const FLEET_FAULT_KINDS = [...COMMON_FAULT_KINDS, 'workers-replaced'] as const;
export type FleetFaultKind = (typeof FLEET_FAULT_KINDS)[number];

export interface PlannedFleetFault extends Omit<PlannedFault, 'kind'> {
  kind: FleetFaultKind;
  /** Strikes the machine whose engine is at work, as soon as there is one; else any. */
  aimed: boolean;
}

/** What people do with one service. */
export interface FleetService {
  /** How many older revisions stay: with none, each rollout destroys one. */
  warm: number;
  /** It runs on one machine, whose processes are its own; else in the cloud. */
  isBound?: true;
  steps: Step[];
}

/** Everything that is random about a run. The same seed makes the same plan. */
export interface FleetPlan {
  seed: number;
  services: FleetService[];
  /** Each strikes with a step of the first service; the step after the last one is its removal. */
  faults: PlannedFleetFault[];
}

/** Machines at the beginning of each run. */
export const FLEET_SIZE = 3;

const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Wish>({ do: 'deploy', behaviour: 'good' }) },
  { weight: 2, arbitrary: fc.constant<Wish>({ do: 'deploy', behaviour: 'slow' }) },
  { weight: 1, arbitrary: fc.constant<Wish>({ do: 'deploy', behaviour: 'unhealthy' }) },
  { weight: 2, arbitrary: fc.constant<Wish>({ do: 'rollback' }) },
  { weight: 1, arbitrary: fc.constant<Wish>({ do: 'abort' }) },
);

const step: fc.Arbitrary<Step> = fc.record({ wish, wait: fc.boolean() });

/** The first step of every service deploys something good, so that there is traffic to lose. */
const service: fc.Arbitrary<FleetService> = fc.record({
  warm: fc.nat(1),
  steps: fc
    .array(step, { minLength: 1, maxLength: 2 })
    .map((steps): Step[] => [{ wish: { do: 'deploy', behaviour: 'good' }, wait: true }, ...steps]),
});

const HOLD_MS: Partial<Record<FleetFaultKind, { min: number; max: number }>> = {
  // From a cable that is loose to one that somebody has to drive to.
  'machine-cut-off': { min: 1_000, max: 60_000 },
  // Longer than any claim counts.
  'machine-frozen': { min: 14_000, max: 25_000 },
  'machine-replaced': { min: 1_000, max: 20_000 },
  'clock-apart': { min: 10_000, max: 25_000 },
};
const SHORT_MS = { min: 500, max: 6_000 };

const fault = (steps: number): fc.Arbitrary<PlannedFleetFault> =>
  fc.constantFrom(...COMMON_FAULT_KINDS).chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      step: fc.integer({ min: 1, max: steps }),
      // A rollout takes some six seconds here, half of which the cloud needs.
      delayMs: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 6_000 })),
      holdMs: fc.integer(HOLD_MS[kind] ?? SHORT_MS),
      pick: fc.nat(7),
      aimed: fc.nat(3).map((drawn) => drawn > 0),
    }),
  );

const plan = fc.array(service, { minLength: 1, maxLength: 2 }).chain((services) =>
  fc.record({
    services: fc.constant(services),
    faults: fc.array(fault(services[0]?.steps.length ?? 1), { minLength: 1, maxLength: 3 }),
  }),
);

/** In one run of six, the last service runs on one machine. */
const boundness = fc.nat(5).map((share) => share === 0);

/** In one run of eight, the workers are replaced while the first service is rolled out, or removed. */
const replacement = (steps: number): fc.Arbitrary<PlannedFleetFault[]> =>
  fc.record({ share: fc.nat(7), step: fc.integer({ min: 1, max: steps }), delayMs: fc.nat(6_000) }).map((drawn) => {
    const { share, ...when } = drawn;
    return share === 0 ? [{ kind: 'workers-replaced', ...when, holdMs: 0, pick: 0, aimed: false }] : [];
  });

/** Apart from all else that is drawn of a seed. */
const APART = -500_000_000;

/** The plan of a seed. */
export function planFleetRun(seed: number): FleetPlan {
  const { services, faults } = fc.sample(plan, { seed, numRuns: 1 })[0]!;
  const steps = services[0]?.steps.length ?? 1;
  const [more = []] = fc.sample(replacement(steps), { seed: APART - seed, numRuns: 1 });
  const [isBound = false] = fc.sample(boundness, { seed: APART - seed, numRuns: 1 });
  const placed = services.map((each, index): FleetService => {
    return isBound && index === services.length - 1 ? { ...each, isBound } : each;
  });
  return { seed, services: placed, faults: [...faults, ...more] };
}

/** What kind of world a plan needs. */
export function chooseFleetVariant({ faults }: FleetPlan): FleetVariant {
  const has = (wanted: FleetFaultKind): boolean => faults.some(({ kind }) => kind === wanted);
  return { ownClocks: has('clock-apart'), versioned: has('workers-replaced') };
}

/** One line, for people. */
export function describeFleetPlan({ seed, services, faults }: FleetPlan): string {
  const lives = services.map(({ warm, steps, isBound }) => {
    const wishes = steps.map(
      ({ wish, wait: isAwaited }) => `${describeWish(wish)}${isAwaited ? '' : ' (not waited for)'}`,
    );
    return `${wishes.join('; ')}; remove (${warm} warm${isBound ? ', bound to its machine' : ''})`;
  });
  const breaks = faults.map(({ kind, step: number, delayMs, holdMs, aimed }) => {
    return `${kind}${aimed ? ' at work' : ''} at step ${number} + ${delayMs} ms${kind in HOLD_MS ? ` for ${holdMs} ms` : ''}`;
  });
  return `seed ${seed}: ${lives.join(' || ')} | ${breaks.join('; ')}`;
}
