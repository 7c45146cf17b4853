import type { DrillSpec } from '../../domain/experiment/drill/drill.ts';
import {
  type DrillFacts,
  type DrillRelease,
  type Release,
  buildCandidate,
  chooseReleases,
  resolveDrill,
} from '../../domain/experiment/drill/resolve.ts';
import type { DrillPlan, DrillSide, RunRef } from '../../domain/experiment/run.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import type { StackDriver } from '../../stacks/driver.ts';
import type { Catalogue } from '../../store/catalogue/catalogue.ts';
import { computeReleaseDigest, fixBlueprint } from '../release.ts';
import { type DescribedVariant, describeOne, describeVariants, refuseFaults } from './describe-variants.ts';
import { readRollback } from './rollback.ts';

/** Of the catalogue, what a drill is worked out from. */
export type DrillCatalogue = Pick<Catalogue, 'service' | 'overview' | 'rollouts' | 'revision'>;

/** What a drill makes, and which rollback it tries. */
export interface DescribedDrill {
  variants: DescribedVariant[];
  drill: DrillPlan;
}

/**
 * What a drill comes to, of what its service has now.
 *
 * @throws ApplicationFailure `InvalidRevision` with all that is wrong with it
 */
export async function describeDrill(
  stacks: Pick<StackDriver, 'describe'>,
  catalogue: DrillCatalogue,
  spec: DrillSpec,
  ref: RunRef,
): Promise<DescribedDrill> {
  const facts = await readFacts(stacks, catalogue, spec, ref);
  const releases = accept(chooseReleases(spec.service, facts));
  const variants = await describeVariants(stacks, accept(resolveDrill(spec, releases)), ref);
  const [first, back] = variants;
  const { service } = spec;
  return {
    variants,
    drill: { service, from: sideOf(releases.from, first), to: sideOf(releases.to, back) },
  };
}

/** A proof is of releases as deployments make them: without what is different for the drill, with what it was made by. */
function sideOf({ label, checks, ...release }: DrillRelease, made: DescribedVariant | undefined): DrillSide {
  const { artifact = release.artifact } = made ?? {};
  const blueprint = fixBlueprint(release.blueprint, made ?? { digest: '' });
  return { label, release: computeReleaseDigest({ artifact, blueprint, checks }) };
}

async function readFacts(
  stacks: Pick<StackDriver, 'describe'>,
  catalogue: DrillCatalogue,
  { service, release }: DrillSpec,
  ref: RunRef,
): Promise<DrillFacts> {
  const facts: DrillFacts = await readRollback(catalogue, service);
  const { live } = facts;
  if (!release || !live) return facts;
  const described = await catalogue.service(service);
  if (!described || described.removedAt !== undefined) {
    return accept<DrillFacts>({
      faults: [{ path: 'service', message: `there is no service ${formatServiceId(service)}` }],
    });
  }
  const candidate = accept(buildCandidate(release, described.spec));
  const found = await describeOne(stacks, candidate, ref, 'release');
  const { artifact = candidate.artifact, faults } = found;
  refuseFaults([{ whose: 'drill', faults: faults.map(({ path, message }) => ({ path: `release.${path}`, message })) }]);
  const exact: Release = { ...candidate, artifact };
  const isLive =
    computeReleaseDigest({ ...exact, blueprint: fixBlueprint(exact.blueprint, found) }) === computeReleaseDigest(live);
  return isLive ? facts : { ...facts, candidate: exact };
}

function accept<T extends object>(found: T | { faults: { path: string; message: string }[] }): T {
  if (!('faults' in found)) return found;
  refuseFaults([{ whose: 'drill', faults: found.faults }]);
  throw new Error('faults without any');
}
