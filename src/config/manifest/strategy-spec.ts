import { isDeepStrictEqual } from 'node:util';
import type { AnalysisSpec, ComparisonSpec } from '../../domain/evidence/judge/analysis-spec.ts';
import {
  type CanaryStep,
  type CohortSpec,
  NO_FAILURES,
  type PreviewAddressSpec,
  type StepJudges,
  type StrategySpec,
} from '../../domain/service/strategy.ts';
import { resolvePreset } from '../../domain/service/strategy-presets.ts';
import type { AnalysisFields } from './analysis-schema.ts';
import type { CohortFields } from './audience-schema.ts';
import type { JudgeFields } from './judge-schema.ts';
import { buildMetric, buildMetricFields } from './metric-spec.ts';
import type { PreviewAddressFields } from './preview-address-schema.ts';
import type { StepFields, StrategyFields } from './strategy-schema.ts';

/** The strategy that a manifest describes. */
export function buildStrategy(strategy: StrategyFields): StrategySpec {
  if (typeof strategy === 'string') return resolvePreset(strategy);
  const { kind, bake: bakeMs, leastRequests, waitForRequests, cohort, inspection, preview } = strategy;
  const { steps = [], step = 0, growth = 0, every: everyMs = 0 } = strategy;
  const terms = {
    bakeMs,
    ...(leastRequests === undefined ? {} : { leastRequests }),
    ...(waitForRequests === undefined ? {} : { waitForRequestsMs: waitForRequests }),
    ...(cohort === undefined ? {} : { cohort: cohortOf(cohort) }),
    ...judgesOf(strategy),
  };
  switch (kind) {
    case 'blue-green':
      return {
        kind,
        ...(inspection === undefined ? {} : { inspection: { holdMs: inspection.holdFor, then: inspection.then } }),
        ...(preview === undefined ? {} : { preview: previewOf(preview) }),
        ...terms,
      };
    case 'canary':
      return { kind, steps: steps.map(stepOf), ...terms };
    case 'linear':
      return { kind, step, everyMs, ...terms };
    case 'exponential':
      return { kind, growth, everyMs, ...terms };
  }
}

function cohortOf({ header, cookie, bake: bakeMs, leastRequests }: CohortFields): CohortSpec {
  return {
    ...(header === undefined ? {} : { header }),
    ...(cookie === undefined ? {} : { cookie }),
    bakeMs,
    ...(leastRequests === undefined ? {} : { leastRequests }),
  };
}

function previewOf({ port }: PreviewAddressFields): PreviewAddressSpec {
  return port === undefined ? {} : { port };
}

function stepOf({ weight, bake: bakeMs, leastRequests }: StepFields): CanaryStep {
  return { weight, bakeMs, ...(leastRequests === undefined ? {} : { leastRequests }) };
}

/** A limit that forgives nothing is left out. */
function judgesOf({ failureLimit, alarms, metrics, analysis }: JudgeFields): StepJudges {
  const isNone = failureLimit === undefined || isDeepStrictEqual(failureLimit, NO_FAILURES);
  return {
    ...(isNone ? {} : { failureLimit }),
    ...(alarms === undefined ? {} : { alarms }),
    ...(metrics === undefined ? {} : { metrics: metrics.map(buildMetric) }),
    ...(analysis === undefined ? {} : { analysis: analysisOf(analysis) }),
  };
}

/** A strategy as a manifest describes it, complete with what it says by default. */
export function buildStrategyFields(strategy: StrategySpec): StrategyFields {
  const { bakeMs: bake, leastRequests, waitForRequestsMs: waitForRequests, cohort } = strategy;
  return {
    ...{ ...ownKeysOf(strategy), bake, leastRequests, waitForRequests },
    cohort: cohort && cohortKeysOf(cohort),
    ...judgeKeysOf(strategy),
  };
}

function cohortKeysOf({ bakeMs: bake, ...cohort }: CohortSpec): CohortFields {
  return { ...cohort, bake };
}

/** What a strategy has that others have not. */
function ownKeysOf(strategy: StrategySpec) {
  const { kind } = strategy;
  switch (kind) {
    case 'blue-green':
      return {
        kind,
        inspection: strategy.inspection && { holdFor: strategy.inspection.holdMs, then: strategy.inspection.then },
        preview: strategy.preview,
      };
    case 'canary':
      return { kind, steps: strategy.steps.map(({ bakeMs: bake, ...step }) => ({ ...step, bake })) };
    case 'linear':
      return { kind, step: strategy.step, every: strategy.everyMs };
    case 'exponential':
      return { kind, growth: strategy.growth, every: strategy.everyMs };
  }
}

function judgeKeysOf({ failureLimit, alarms, metrics, analysis }: StepJudges): JudgeFields {
  return {
    ...{ failureLimit, alarms, metrics: metrics?.map(buildMetricFields) },
    analysis: analysis && { ...analysis, dryRun: analysis.dryRun ?? false },
  };
}

function analysisOf({ errorsAtMost, compare, leastRequests, budgets, dryRun }: AnalysisFields): AnalysisSpec {
  return {
    ...(errorsAtMost === undefined ? {} : { errorsAtMost }),
    ...(compare === undefined ? {} : { compare: comparisonOf(compare) }),
    ...{ leastRequests, budgets },
    ...(dryRun ? { dryRun } : {}),
  };
}

function comparisonOf({ baseline, errors, latency }: NonNullable<AnalysisFields['compare']>): ComparisonSpec {
  return { ...(baseline === 'fresh' ? { baseline } : {}), errors, ...(latency === undefined ? {} : { latency }) };
}
