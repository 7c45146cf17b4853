import { z } from 'zod';
import { COUNTING_ROUTERS, countsRequests } from '../../domain/service/router.ts';
import { type StrategySpec, DEFAULT_WAIT_FOR_REQUESTS_MS } from '../../domain/service/strategy.ts';
import { STRATEGY_PRESETS } from '../../domain/service/strategy-presets.ts';
import { formatDuration } from '../duration.ts';
import { ALWAYS, duration, list, mapping, wholeNumber } from '../fields.ts';
import { describeValue } from '../fault.ts';
import { refuseKeysOfOthers } from '../kinds.ts';
import { type Refusal, refuse } from '../problems.ts';
import { type CohortFields, cohortSchema, inspectionSchema } from './audience-schema.ts';
import { previewAddressSchema } from './preview-address-schema.ts';
import { DEFAULT_STRATEGY } from './defaults.ts';
import { judgeKeys } from './judge-schema.ts';
import { findLeastBake } from './metric-schema.ts';
import { readRouterKind } from './router-schema.ts';

const DAY = 86_400_000;

/** A step that is over at once shows nothing. */
const LEAST_STEP = 1_000;

/** Each rollout that waits carries them; a finer ramp is one setting of linear. */
const MOST_LISTED_STEPS = 30;

const MOST_REQUESTS = 1_000_000_000;

/** The keys that each strategy has for itself. A new one is a line here, and its keys below. */
const KEYS = {
  'blue-green': ['inspection', 'preview'],
  canary: ['steps'],
  linear: ['step', 'every'],
  exponential: ['growth', 'every'],
} as const satisfies Record<StrategySpec['kind'], readonly string[]>;

const KINDS = Object.keys(KEYS) as (keyof typeof KEYS)[];

/** What would be right where a key is missing that its kind needs. */
const WANTED = {
  steps: 'the steps before all traffic, such as [{weight: 5, bake: 10m}, {weight: 50, bake: 1h}]',
  step: 'how much more each time, in percent, such as 10',
  growth: 'the first share, in percent, such as 10',
  every: 'how long each share lasts, such as 1m',
} satisfies Partial<Record<(typeof KEYS)[keyof typeof KEYS][number], string>>;

const requests = (): z.ZodType<number> => wholeNumber(1, MOST_REQUESTS);
const stepTime = (): z.ZodType<number> =>
  duration({ least: LEAST_STEP, most: 14 * DAY, words: 'from 1s to 14 days (336h)' });

const stepSchema = mapping({
  weight: wholeNumber(1, 99).describe('Share of new requests, in percent; more than in the step before.'),
  bake: stepTime().describe('How long the new revision must stay healthy with it.'),
  leastRequests: requests()
    .optional()
    .describe('How many requests it must have had in this step; as the strategy has it unless told.'),
});

const keys = mapping({
  kind: z
    .enum(KINDS)
    .prefault(DEFAULT_STRATEGY.kind)
    .describe('How traffic moves: all of it at once, in steps that are listed, in equal shares, or in doubled ones.'),
  steps: list(stepSchema, { list: 'a list of steps', empty: 'one step at least' })
    .max(MOST_LISTED_STEPS, { error: `${MOST_LISTED_STEPS} steps at most` })
    .optional()
    .describe('Of canary: the steps before all traffic, which follows by itself.'),
  step: wholeNumber(1, 99).optional().describe('Of linear: how much more the new revision gets each time, in percent.'),
  growth: wholeNumber(1, 99)
    .optional()
    .describe('Of exponential: the first share, in percent, which is doubled each time.'),
  every: stepTime()
    .optional()
    .describe('Of linear and exponential: how long the new revision must stay healthy with each share.'),
  bake: duration({ least: 0, most: 14 * DAY, words: 'of at most 14 days (336h)' })
    .prefault(formatDuration(DEFAULT_STRATEGY.bakeMs))
    .describe('How long the new revision must stay healthy with all traffic before the rollout settles.'),
  leastRequests: requests()
    .optional()
    .describe('How many requests the new revision must have had in each bake, which goes on until then.'),
  waitForRequests: duration(
    { least: 0, most: 14 * DAY, words: 'of at most 14 days (336h)' },
    formatDuration(DEFAULT_WAIT_FOR_REQUESTS_MS),
  )
    .optional()
    .describe(
      'For how long a bake goes on for leastRequests. Where they have not come by then, the traffic goes back.',
    ),
  inspection: inspectionSchema
    .optional()
    .describe('Of blue-green: before it has traffic, the new revision answers requests that ask for it.'),
  preview: previewAddressSchema
    .optional()
    .describe(
      'Of blue-green: an address of its own, at which the new revision answers from the end of its checks until it has traffic.',
    ),
  cohort: cohortSchema
    .optional()
    .describe('Who has the new revision before all others: requests with a header or a cookie.'),
  ...judgeKeys,
});

type StrategyKeys = z.output<typeof keys>;
export type StepFields = z.output<typeof stepSchema>;

/** A strategy in full; each of its parts may be faulty itself. */
const strategyMapping = refuseKeysOfOthers(keys, KEYS).superRefine((strategy, context) => {
  const faults = [
    ...findMissingKeys(strategy),
    ...findFallingWeights(strategy),
    ...findShortBakes(strategy),
    ...findIdleWait(strategy),
  ];
  for (const fault of faults) refuse(context, fault);
}, ALWAYS);

/** The `strategy` of a manifest: its keys, or the name of a preset. */
export const strategySchema = z.union([
  strategyMapping,
  z
    .enum(STRATEGY_PRESETS, { error: `a strategy (kind and its keys), or one of ${STRATEGY_PRESETS.join(', ')}` })
    .describe('A strategy by its name.'),
]);

export type StrategyFields = z.output<typeof strategySchema>;

function findMissingKeys(strategy: Partial<StrategyKeys>): Refusal[] {
  const own = strategy.kind !== undefined && Object.hasOwn(KEYS, strategy.kind) ? KEYS[strategy.kind] : [];
  return own
    .filter((key): key is keyof typeof WANTED => Object.hasOwn(WANTED, key) && strategy[key] === undefined)
    .map((key) => ({ path: [key], wanted: WANTED[key], found: 'nothing' }));
}

/** What of a list of steps can be looked at, whatever is wrong with others. */
function readSteps({ steps }: Partial<StrategyKeys>): Partial<NonNullable<StrategyKeys['steps']>[number]>[] {
  const given: unknown = steps;
  if (!Array.isArray(given)) return [];
  return given.map((step: unknown) => (typeof step === 'object' && step !== null ? step : {}));
}

function findFallingWeights(strategy: Partial<StrategyKeys>): Refusal[] {
  const weights = readSteps(strategy).map(({ weight }) => weight);
  return weights.flatMap((weight, index) => {
    const before = weights[index - 1];
    if (typeof weight !== 'number' || typeof before !== 'number' || weight > before) return [];
    const wanted = `a weight above that of the step before, ${before}`;
    return [{ path: ['steps', index, 'weight'], wanted, found: `${weight}` }];
  });
}

function findShortBakes(strategy: Partial<StrategyKeys>): Refusal[] {
  const needed = findLeastBake(strategy.metrics);
  if (!needed) return [];
  const { least, why } = needed;
  const bakes: [path: (string | number)[], bake: unknown][] = [
    [['bake'], strategy.bake],
    [['every'], strategy.every],
    [['cohort', 'bake'], (strategy.cohort as Partial<CohortFields> | undefined)?.bake],
    ...readSteps(strategy).map(({ bake }, index): [(string | number)[], unknown] => [['steps', index, 'bake'], bake]),
  ];
  return bakes.flatMap(([path, bake]) => {
    if (typeof bake !== 'number' || bake >= least) return [];
    const wanted = `a bake of at least ${formatDuration(least)} where there are metrics${why}`;
    return [{ path, wanted, found: formatDuration(bake) }];
  });
}

function findIdleWait(strategy: Partial<StrategyKeys>): Refusal[] {
  const isNeeded = [strategy, strategy.cohort ?? {}, ...readSteps(strategy)].some(
    ({ leastRequests }) => leastRequests !== undefined,
  );
  if (strategy.waitForRequests === undefined || isNeeded) return [];
  return [{ path: ['waitForRequests'], wanted: 'it beside leastRequests only', found: 'it alone' }];
}

/** What of a manifest a strategy depends on; each part of it may be faulty itself. */
interface Surroundings {
  router?: unknown;
  strategy?: unknown;
}

/** Demands for requests that the router could not tell of. */
export function findUncountedRequests({ router, strategy }: Surroundings): Refusal[] {
  const kind = readRouterKind(router);
  if (typeof strategy !== 'object' || strategy === null || countsRequests({ kind })) return [];
  const wanted = `it with the router ${COUNTING_ROUTERS.join(' or ')} only, since ${kind} counts no requests; a metric with leastSamples can demand them`;
  const { leastRequests }: Partial<StrategyKeys> = strategy;
  const demands: [path: (string | number)[], demand: unknown][] = [
    [['strategy', 'leastRequests'], leastRequests],
    ...readSteps(strategy).map((step, index): [(string | number)[], unknown] => [
      ['strategy', 'steps', index, 'leastRequests'],
      step.leastRequests,
    ]),
  ];
  return demands.flatMap(([path, demand]) =>
    demand === undefined ? [] : [{ path, wanted, found: describeValue(demand) }],
  );
}
