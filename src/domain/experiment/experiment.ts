import type { CheckSpec } from '../evidence/checks.ts';
import type { JsonObject } from '../json.ts';
import { type BlueprintRef, NAME, type ServiceKey } from '../service/service.ts';
import type { DrillSpec } from './drill/drill.ts';
import type { ProbeSpec } from './probe.ts';
import type { ScheduleSpec } from './schedule.ts';

/** An experiment in one environment. It never shares a stack with a service, whatever the two are called. */
export interface ExperimentKey {
  name: string;
  environment: string;
}

/** `nightly/production`: how people and ids name an experiment. */
export function formatExperimentId({ name, environment }: ExperimentKey): string {
  return `${name}/${environment}`;
}

/** Reads `nightly/production`; undefined when the text is not of that shape. */
export function parseExperimentId(text: string): ExperimentKey | undefined {
  const [name, environment, ...rest] = text.split('/');
  if (!name || !environment || rest.length > 0) return undefined;
  return EXPERIMENT_NAME.test(name) && NAME.test(environment) ? { name, environment } : undefined;
}

/**
 * Names of experiments and of variants. With the environment and the run they make up the name of a stack, of which
 * Pulumi takes 100 characters.
 */
export const EXPERIMENT_NAME = /^(?=.{1,24}$)[a-z](?:-?[a-z0-9])*$/;
export const VARIANT_NAME = /^(?=.{1,14}$)[a-z](?:-?[a-z0-9])*$/;

/** How many variants an experiment has at most: each is a complete copy of a service. */
export const MOST_VARIANTS = 8;

/** One of the stacks that a run makes. */
export interface VariantSpec {
  name: string;
  source: VariantSource;
  /** What its stack has to prove before it is probed; those of the revision that it is like, or one HTTP check on `/`. */
  checks?: CheckSpec[];
}

/** What a variant's stack is made from. */
export type VariantSource = ReleaseSource | LikeSource;

/** A release of its own. */
export interface ReleaseSource {
  kind: 'release';
  artifact: string;
  blueprint: BlueprintRef;
}

/** What a service has: its live revision when the run begins, or one that is named. */
export interface LikeSource {
  kind: 'like';
  service: ServiceKey;
  revision?: number;
  /** A JSON merge patch (RFC 7396) of `{artifact, blueprint: {config}}`. */
  patch?: JsonObject;
}

/**
 * What happens when a run is to begin while another one of the same experiment goes on.
 * - `skip`: it does not take place, which is recorded.
 * - `buffer-one`: it begins after the one that goes on; a second one that would wait is skipped.
 * - `replace`: the one that goes on is stopped, and it begins once that one's stacks are gone.
 * - `hand-over`: it makes its stacks beside those of the one that goes on, which ends once the new ones are healthy and have
 *   its addresses. Where they never are, the earlier one stays.
 * - `allow`: both go on.
 */
export const OVERLAPS = ['skip', 'buffer-one', 'replace', 'hand-over', 'allow'] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** How much an experiment may have. A run that would need more is refused, with the figure. */
export interface BudgetSpec {
  /** Stacks at the same time, over all of its runs. */
  stacks?: number;
  /** Stack-hours in 24 hours: of those that were, and of the run that asks, as if it lasted its whole TTL. */
  stackHoursPerDay?: number;
}

/** Which variants are held against each other, and by what. */
export interface CompareSpec {
  /** The variant that the others are held against. */
  baseline: string;
  /** The names of probes; all that measure unless told. */
  probes?: string[];
  /** Of the intervals that are given, as a share: 0.95. */
  confidence: number;
  /** A difference that is smaller than this share of the baseline's is not called one, however sure it is: 0.05. */
  tolerance: number;
}

/**
 * How long a run keeps its stacks once everything is probed: not at all, or until its TTL is over, for people to look at
 * them.
 */
export const STAYS = ['until-probed', 'until-ttl'] as const;
export type Stay = (typeof STAYS)[number];

/** How long a run keeps its stacks where nobody says: without probes there is nothing but looking at them. */
export function chooseStay(probes: readonly ProbeSpec[]): Stay {
  return probes.length > 0 ? 'until-probed' : 'until-ttl';
}

/** As most of the field has it. */
export const DEFAULT_CONFIDENCE = 0.95;
/** Smaller ones are within what two runs of the same release differ by. */
export const DEFAULT_TOLERANCE = 0.05;
export const DEFAULT_KEEP_MS = 30 * 86_400_000;

/** An experiment as its manifest describes it, parsed and complete with defaults. */
export interface ExperimentSpec {
  experiment: ExperimentKey;
  /** At least one, and every name once; none of a drill. */
  variants: VariantSpec[];
  /** Tries a rollback, in the place of variants. */
  drill?: DrillSpec;
  probes: ProbeSpec[];
  compare?: CompareSpec;
  /** When it runs by itself; on demand only where it is absent. */
  schedule?: ScheduleSpec;
  /** How long a run's stacks may exist, in milliseconds, from before the first is made. They are destroyed then. */
  ttlMs: number;
  stay: Stay;
  overlap: Overlap;
  budget: BudgetSpec;
  /** How long results are kept, in milliseconds. */
  keepMs: number;
  /** Ports of the embedded router at which variants can be looked at, by the variants' names. */
  addresses?: Record<string, number>;
  /** It is the preview of a branch: made, renewed and taken away as one. */
  preview?: { branch: string };
}

/** How long a run may last at most, whatever an experiment says, unless the server is told another limit. In milliseconds. */
export const LONGEST_TTL_MS = 7 * 86_400_000;

/**
 * Where a variant's stack is: it has the place of a revision, whose service is the variant and whose number the run. Two
 * hyphens in a row tell it from those of services, whose names have none.
 */
export function locateVariant(
  { name, environment }: ExperimentKey,
  run: number,
  variant: string,
): { service: ServiceKey; revision: number } {
  return { service: { name: `${name}--${variant}`, environment }, revision: run };
}

/** What a stack of that name is of; undefined where it is no variant's. */
export function parseVariantStack(
  project: string,
  stack: string,
): { experiment: ExperimentKey; run: number; variant: string } | undefined {
  const [, name = '', variant = '', run = ''] = /^([a-z0-9-]+?)--([a-z0-9-]+)-r([1-9]\d{0,8})$/.exec(stack) ?? [];
  const ending = `-${project}`;
  if (!EXPERIMENT_NAME.test(name) || !variant.endsWith(ending)) return undefined;
  const short = variant.slice(0, -ending.length);
  if (!VARIANT_NAME.test(short)) return undefined;
  return { experiment: { name, environment: project }, run: Number(run), variant: short };
}
