import fc from 'fast-check';
import { type PlannedFault, type Step, type Wish, describeWish } from '../plan.ts';

/** What breaks. Those with a duration last `holdMs`. */
export const FLEET_FAULT_KINDS = [
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
  fc.constantFrom(...FLEET_FAULT_KINDS).chain((kind) =>
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

/** The plan of a seed. */
export function planFleetRun(seed: number): FleetPlan {
  const [drawn] = fc.sample(plan, { seed, numRuns: 1 });
  return { seed, ...drawn! };
}

/** Whether the machines need clocks that can be set. */
export function needsOwnClocks({ faults }: FleetPlan): boolean {
  return faults.some(({ kind }) => kind === 'clock-apart');
}

/** One line, for people. */
export function describeFleetPlan({ seed, services, faults }: FleetPlan): string {
  const lives = services.map(({ warm, steps }) => {
    const wishes = steps.map(
      ({ wish, wait: isAwaited }) => `${describeWish(wish)}${isAwaited ? '' : ' (not waited for)'}`,
    );
    return `${wishes.join('; ')}; remove (${warm} warm)`;
  });
  const breaks = faults.map(({ kind, step: number, delayMs, holdMs, aimed }) => {
    return `${kind}${aimed ? ' at work' : ''} at step ${number} + ${delayMs} ms${kind in HOLD_MS ? ` for ${holdMs} ms` : ''}`;
  });
  return `seed ${seed}: ${lives.join(' || ')} | ${breaks.join('; ')}`;
}
