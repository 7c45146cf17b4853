import { z } from 'zod';
import { ANALYSIS_DEFAULTS, DEFAULT_BUDGETS } from '../../domain/evidence/judge/analysis-spec.ts';
import { COUNTING_ROUTERS, countsRequests } from '../../domain/service/router.ts';
import { amount, ALWAYS, mapping, wholeNumber } from '../fields.ts';
import { type Refusal, refuse } from '../problems.ts';
import { readRouterKind } from './router-schema.ts';

const MOST_REQUESTS = 1_000_000_000;
const MOST_WINDOWS = 1_000;
/** How many figures an analysis has. */
const MOST_FIGURES = 3;

const compareSchema = mapping({
  errors: mapping({
    alpha: amount(0.0001, 0.5)
      .prefault(ANALYSIS_DEFAULTS.alpha)
      .describe('The chance of a false alarm in a whole rollout, however often it is looked.'),
  })
    .prefault({})
    .describe('Errors of the new revision against those of the live one, at every look.'),
  latency: mapping({
    confidence: amount(0.5, 0.9999)
      .prefault(ANALYSIS_DEFAULTS.confidence)
      .describe('Of the interval, as a share; the steps of a rollout share what is left of it.'),
    mayRise: amount(0, 100)
      .prefault(ANALYSIS_DEFAULTS.mayRise)
      .describe("A rise by less than this part of the live revision's median is no failure."),
  })
    .optional()
    .describe('Latencies of the new revision against those of the live one, at the end of a step.'),
});

const budgetsSchema = mapping({
  bad: wholeNumber(0, MOST_WINDOWS)
    .prefault(DEFAULT_BUDGETS.bad)
    .describe('How many windows of leastRequests requests may have more errors than errorsAtMost.'),
  unmeasured: wholeNumber(0, MOST_WINDOWS)
    .prefault(DEFAULT_BUDGETS.unmeasured)
    .describe('How many looks in a row may fail to read what the router has counted.'),
  undecided: wholeNumber(0, MOST_FIGURES)
    .prefault(DEFAULT_BUDGETS.undecided)
    .describe(
      'How many figures may be undecided at the end of a step, for want of requests. Of none at all, none may.',
    ),
});

/** The `analysis` of a strategy. */
export const analysisSchema = mapping({
  errorsAtMost: amount(0, 1)
    .optional()
    .describe("The share of the new revision's requests that may be errors: 0.05 is 5 %."),
  compare: compareSchema
    .optional()
    .describe('Comparisons with the revision that is live meanwhile, in steps below 100 %.'),
  leastRequests: wholeNumber(1, MOST_REQUESTS)
    .prefault(ANALYSIS_DEFAULTS.leastRequests)
    .describe('With fewer requests of either revision a figure is undecided.'),
  budgets: budgetsSchema.prefault({}).describe('What is forgiven, each kind apart.'),
  dryRun: z
    .boolean({ error: 'true or false' })
    .prefault(false)
    .describe('It judges, shows and records, and nothing follows from it.'),
}).superRefine(({ errorsAtMost, compare }, context) => {
  if (errorsAtMost !== undefined || compare !== undefined) return;
  refuse(context, { path: ['errorsAtMost'], wanted: 'errorsAtMost or compare, or both', found: 'nothing' });
}, ALWAYS);

export type AnalysisFields = z.output<typeof analysisSchema>;

/** What of a manifest an analysis depends on; each part of it may be faulty itself. */
interface Surroundings {
  router?: unknown;
  strategy?: unknown;
}

/** What an analysis asks for that its strategy or its router cannot give. */
export function findIdleAnalysis({ router, strategy }: Surroundings): Refusal[] {
  const { kind, analysis } = (typeof strategy === 'object' ? (strategy ?? {}) : {}) as Record<string, unknown>;
  if (typeof analysis !== 'object' || analysis === null) return [];
  const routerKind = readRouterKind(router);
  const uncounted = countsRequests({ kind: routerKind })
    ? []
    : [
        {
          path: ['strategy', 'analysis'],
          wanted: `it with the router ${COUNTING_ROUTERS.join(' or ')} only, since ${routerKind} counts no requests; use metrics there`,
          found: 'an analysis',
        },
      ];
  const uncompared =
    kind === 'blue-green' && 'compare' in analysis && analysis.compare !== undefined
      ? [
          {
            path: ['strategy', 'analysis', 'compare'],
            wanted:
              'a strategy with a step below 100 % beside it, such as kind: canary; with all traffic at once there is nothing to compare with, and errorsAtMost alone can be judged',
            found: `kind: ${kind}`,
          },
        ]
      : [];
  return [...uncounted, ...uncompared];
}
