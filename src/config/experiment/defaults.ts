import type { CompareSpec, Overlap, Stay } from '../../domain/experiment/experiment.ts';

// What an experiment's manifest means where it says nothing. Name, environment, variants and TTL have no default.

/** Thirty days: a month's nights can be held against each other, and the store does not grow for ever. */
export const DEFAULT_KEEP_MS = 30 * 86_400_000;

/** One at a time: a run that takes longer than its interval must not fill the machine. */
export const DEFAULT_OVERLAP: Overlap = 'skip';

/**
 * 95 %, as nearly everybody reads intervals; and 5 % of the baseline's, since enough requests make a difference sure that
 * nobody would act on.
 */
export const DEFAULT_COMPARE: Omit<CompareSpec, 'baseline' | 'probes'> = { confidence: 0.95, tolerance: 0.05 };

/** What a load sends where its probe says no more than how much: as a check, but for the statuses. */
export const DEFAULT_LOAD = {
  path: '/',
  method: 'GET',
  /** Success and redirection. */
  status: Array.from({ length: 200 }, (_, index) => 200 + index),
  timeoutMs: 5_000,
  /** Connections are made and caches are filled by then, in most services. */
  warmUpMs: 2_000,
} as const;

/** Stacks are gone as soon as nobody needs them; where nothing is probed, they are there for people to look at. */
export function chooseStay(probes: number): Stay {
  return probes > 0 ? 'until-probed' : 'until-ttl';
}
