import { computeFingerprint } from '../../fingerprint.ts';
import type { JsonObject } from '../../json.ts';
import { type ServiceKey, formatServiceId } from '../../service/service.ts';
import { DEFAULT_KEEP_MS, type ExperimentKey, type ExperimentSpec } from '../experiment.ts';
import type { CandidateSpec } from './drill.ts';

/** Three stacks, each with its checks, and as many destroyed. In milliseconds. */
export const DEFAULT_DRILL_TTL_MS = 30 * 60_000;

const ENDING = '-drill';
/** What is left of the 24 characters of an experiment's name. */
const MOST_OF_NAME = 18;
const DIGEST = 4;

/** The experiment that drills of a service are runs of, unless one is named: `web-drill/production`. */
export function nameDrill({ name, environment }: ServiceKey): ExperimentKey {
  if (name.length <= MOST_OF_NAME) return { name: `${name}${ENDING}`, environment };
  // Two long names may begin alike.
  const short = name.slice(0, MOST_OF_NAME - DIGEST - 1).replace(/-$/, '');
  return { name: `${short}-${computeFingerprint(name).slice(0, DIGEST)}${ENDING}`, environment };
}

/** What somebody wants of a drill; what is not said stays as it was described before. */
export interface DrillWishes {
  release?: CandidateSpec;
  patch?: JsonObject;
  ttlMs?: number;
}

/**
 * The experiment of a drill: a new one, or the one that is there with what is wanted now. Which release is tried is always
 * what is wanted now.
 */
export function buildDrillExperiment(
  experiment: ExperimentKey,
  service: ServiceKey,
  { release, patch, ttlMs }: DrillWishes,
  before?: ExperimentSpec,
): ExperimentSpec {
  const { release: _other, ...kept } = before?.drill ?? { service };
  const drill = { ...kept, ...(release ? { release } : {}), ...(patch ? { patch } : {}) };
  const base: ExperimentSpec = before ?? {
    experiment,
    ...{ variants: [], probes: [], ttlMs: DEFAULT_DRILL_TTL_MS },
    ...{ stay: 'until-probed', overlap: 'skip', budget: {}, keepMs: DEFAULT_KEEP_MS },
  };
  return { ...base, drill, ...(ttlMs === undefined ? {} : { ttlMs }) };
}

/** Why an experiment that is there cannot be taken for drills of a service. */
export function findDrillConflict({ drill }: ExperimentSpec, service: ServiceKey): string | undefined {
  if (!drill) return 'it is no drill';
  const [is, wanted] = [formatServiceId(drill.service), formatServiceId(service)];
  return is === wanted ? undefined : `it is a drill of ${is}`;
}
