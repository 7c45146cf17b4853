import fc from 'fast-check';
import { OVERLAPS, type Overlap, STAYS, type Stay } from '../../../src/domain/experiment/experiment.ts';
import { type Behaviour, PROVIDER_FAULTS, type PlannedFault, type ProviderFault } from '../plan.ts';

/** What breaks: a process, the machine, the record, or what somebody has who tidies up in the wrong place. */
export const EXPERIMENT_FAULT_KINDS = [
  'worker-killed',
  'gateway-killed',
  'temporal-killed',
  'engine-killed',
  'provider-killed',
  'dev-killed',
  'power-cut',
  'store-locked',
  'clock-jumped',
  'run-terminated',
  'schedule-deleted',
  'lease-forgotten',
  'reaper-terminated',
] as const;
export type ExperimentFaultKind = (typeof EXPERIMENT_FAULT_KINDS)[number];

export interface PlannedExperimentFault extends Pick<PlannedFault, 'holdMs' | 'pick'> {
  kind: ExperimentFaultKind;
  /** After the experiment was applied, in milliseconds. */
  delayMs: number;
}

/** What people do with an experiment, besides asking for runs. */
export const DEEDS = ['run', 'stop', 'extend', 'pause', 'delete'] as const;
export type Deed = (typeof DEEDS)[number];

export interface PlannedDeed {
  do: Deed;
  /** After the experiment was applied, in milliseconds. */
  delayMs: number;
}

export interface PlannedVariant {
  behaviour: Behaviour;
  provider?: ProviderFault;
}

/** Everything that is random about a run of chaos. The same seed makes the same plan. */
export interface ExperimentPlan {
  seed: number;
  variants: PlannedVariant[];
  overlap: Overlap;
  stay: Stay;
  ttlMs: number;
  /** It has a load besides its check, for so long. */
  loadMs?: number;
  /** It runs by itself this often. */
  everyMs?: number;
  deeds: PlannedDeed[];
  faults: PlannedExperimentFault[];
  /** When it is deleted at the latest, counted from when it was applied. */
  lifeMs: number;
}

const variant: fc.Arbitrary<PlannedVariant> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<PlannedVariant>({ behaviour: 'good' }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Behaviour>('slow', 'unhealthy', 'deaf').map((behaviour) => ({ behaviour })),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...PROVIDER_FAULTS).map((provider) => ({ behaviour: 'good' as const, provider })),
  },
);

/** A run that nothing befalls takes some six seconds. */
const delayMs = fc.integer({ min: 0, max: 12_000 });

const fault: fc.Arbitrary<PlannedExperimentFault> = fc.record({
  kind: fc.constantFrom(...EXPERIMENT_FAULT_KINDS),
  delayMs,
  holdMs: fc.integer({ min: 500, max: 6_000 }),
  pick: fc.nat(7),
});

const deed: fc.Arbitrary<PlannedDeed> = fc.record({
  do: fc.oneof({ weight: 2, arbitrary: fc.constant<Deed>('run') }, { weight: 3, arbitrary: fc.constantFrom(...DEEDS) }),
  delayMs,
});

const wholeSeconds = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min, max }).map((seconds) => seconds * 1_000);

const plan = fc.record({
  variants: fc.array(variant, { minLength: 1, maxLength: 2 }),
  overlap: fc.constantFrom(...OVERLAPS),
  stay: fc.oneof(
    { weight: 3, arbitrary: fc.constant<Stay>('until-probed') },
    { weight: 1, arbitrary: fc.constantFrom(...STAYS) },
  ),
  ttlMs: wholeSeconds(10, 25),
  loadMs: fc.integer({ min: 1_000, max: 2_000 }),
  everyMs: wholeSeconds(3, 6),
  isScheduled: fc.boolean(),
  hasLoad: fc.boolean(),
  deeds: fc.array(deed, { maxLength: 3 }),
  faults: fc.array(fault, { minLength: 1, maxLength: 3 }),
  lifeMs: fc.integer({ min: 8_000, max: 20_000 }),
});

/** The plan of a seed. Every one asks for a run at once, so that there is something to lose. */
export function planExperiment(seed: number): ExperimentPlan {
  const [drawn] = fc.sample(plan, { seed, numRuns: 1 });
  const { deeds, everyMs, isScheduled, loadMs, hasLoad, ...more } = drawn!;
  const isMeant = ({ do: verb }: PlannedDeed): boolean => verb !== 'pause' || isScheduled;
  return {
    ...{ seed, ...more },
    ...(isScheduled ? { everyMs } : {}),
    ...(hasLoad ? { loadMs } : {}),
    deeds: [{ do: 'run', delayMs: 0 }, ...deeds.filter(isMeant)],
  };
}

/** Whether it needs a world whose clock can be set. */
export function needsClock({ faults }: Pick<ExperimentPlan, 'faults'>): boolean {
  return faults.some(({ kind }) => kind === 'clock-jumped');
}

/** One line, for people. */
export function describeExperimentPlan(planned: ExperimentPlan): string {
  const { seed, variants, overlap, stay, ttlMs, loadMs, everyMs, deeds, faults, lifeMs } = planned;
  const made = variants.map(({ behaviour, provider }) => provider ?? behaviour).join(' and ');
  const when = everyMs === undefined ? 'on demand' : `every ${everyMs / 1_000} s`;
  const load = loadMs === undefined ? '' : `, load for ${loadMs} ms`;
  const done = deeds.map(({ do: verb, delayMs: at }) => `${verb} at ${at}`);
  const breaks = faults.map(({ kind, delayMs: at }) => `${kind} at ${at} ms`);
  return (
    `seed ${seed}: ${made}, ${when}, ${overlap}, ${stay}, TTL ${ttlMs / 1_000} s${load}; ` +
    `${[...done, `gone at ${lifeMs}`].join(', ')} ms | ${breaks.join('; ')}`
  );
}
