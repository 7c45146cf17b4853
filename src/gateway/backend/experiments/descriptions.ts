import { ApiError } from '../../../contract/supplant-client.ts';
import type { ExperimentSpec, LikeSource } from '../../../domain/experiment/experiment.ts';
import {
  type ExperimentFault,
  type ExperimentLimits,
  findExperimentFaults,
} from '../../../domain/experiment/faults.ts';
import { nearest } from '../../../config/nearest.ts';
import { formatRevisionName } from '../../../domain/service/revision.ts';
import { type ServiceKey, formatServiceId } from '../../../domain/service/service.ts';
import type { RequestMeta } from '../../../domain/service/requests.ts';
import type { Catalogue } from '../../../store/catalogue/catalogue.ts';
import type { Store } from '../../../store/store.ts';
import { findPortFaults } from '../previews/ports.ts';
import { type LookAtRelease, type ReleaseFaults, findReleaseFaults } from './releases.ts';

/** Who can be asked about releases, and for whom. */
export interface ReleaseQuestion {
  look?: LookAtRelease | undefined;
  change: RequestMeta;
}

/**
 * Refuses an experiment that could never run: by itself, since a service that it names is not there, or since a blueprint
 * does not take what it is made from. Returns why that could not be found out, where it could not.
 *
 * @throws ApiError INVALID with all faults
 */
export async function requireSound(
  spec: ExperimentSpec,
  limits: ExperimentLimits,
  store: Pick<Store, 'catalogue' | 'experiments'>,
  { look, change }: ReleaseQuestion,
): Promise<string | undefined> {
  const { faults, ...more } = await findDescriptionFaults(spec, limits, store);
  const releases: ReleaseFaults = look ? await findReleaseFaults(spec, store.catalogue, look, change) : { faults: [] };
  refuseFaults({ faults: [...faults, ...releases.faults], ...more });
  return releases.unknown;
}

/** Everything that is wrong with an experiment, by itself and by what else there is; blueprints are not asked. */
export async function findDescriptionFaults(
  spec: ExperimentSpec,
  limits: ExperimentLimits,
  store: Pick<Store, 'catalogue' | 'experiments'>,
): Promise<DescriptionFaults> {
  const { faults, ...more } = await findLikeFaults(spec, store.catalogue);
  return {
    faults: [...findExperimentFaults(spec, limits), ...faults, ...(await findPortFaults(store, spec))],
    ...more,
  };
}

/** @throws ApiError INVALID with all faults, where there are any */
export function refuseFaults({ faults, services }: DescriptionFaults): void {
  const [first, ...others] = faults;
  if (!first) return;
  const more = others.length === 0 ? '' : `; and ${others.length} more`;
  throw new ApiError('INVALID', `${first.path}: ${first.message}${more}`, {
    faults,
    ...(services ? { services } : {}),
  });
}

export interface DescriptionFaults {
  faults: ExperimentFault[];
  /** Services that there are, the likeliest first; a gateway names those that the caller may see. */
  services?: ServiceKey[];
}

async function findLikeFaults(
  spec: ExperimentSpec,
  catalogue: Pick<Catalogue, 'services' | 'service' | 'revision'>,
): Promise<DescriptionFaults> {
  const faults: ExperimentFault[] = [];
  const missing: string[] = [];
  for (const { path, ...named } of collectNamed(spec)) {
    const message = await findLikeFault(named, catalogue);
    if (message === undefined) continue;
    faults.push({ path, message });
    missing.push(formatServiceId(named.service));
  }
  if (missing.length === 0) return { faults };
  const services = (await catalogue.services()).map(({ spec }) => spec.service);
  return { faults, services: sortByLikeness(services, missing) };
}

interface Named extends Pick<LikeSource, 'service' | 'revision'> {
  path: string;
}

/** What it names of services. */
function collectNamed({ variants, drill }: ExperimentSpec): Named[] {
  const likes = variants.flatMap(({ source }, index): Named[] =>
    source.kind === 'like' ? [{ ...source, path: `variants[${index}].like` }] : [],
  );
  return drill ? [...likes, { service: drill.service, path: 'drill.service' }] : likes;
}

async function findLikeFault(
  { service, revision }: Pick<LikeSource, 'service' | 'revision'>,
  catalogue: Pick<Catalogue, 'service' | 'revision'>,
): Promise<string | undefined> {
  const id = formatServiceId(service);
  const record = await catalogue.service(service);
  if (!record || record.removedAt !== undefined) {
    const found = record ? `found ${id}, which was removed at ${record.removedAt}` : `found ${id}`;
    return `expected a service that is there, ${found}`;
  }
  if (revision === undefined || (await catalogue.revision(service, revision))) return undefined;
  return `expected a revision that ${id} has had, found ${formatRevisionName(revision)}`;
}

function sortByLikeness(services: readonly ServiceKey[], given: readonly string[]): ServiceKey[] {
  const ids = services.map(formatServiceId);
  const near = given.flatMap((id) => nearest(id, ids, 3));
  const rank = (key: ServiceKey): number => {
    const at = near.indexOf(formatServiceId(key));
    return at < 0 ? near.length : at;
  };
  return services.toSorted((one, other) => rank(one) - rank(other));
}
