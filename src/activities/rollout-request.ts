import type { Command } from '../domain/service/requests.ts';
import type { Revision } from '../domain/service/revision.ts';
import { type ServiceSpec, formatServiceId } from '../domain/service/service.ts';
import { collectHooks, planContract } from '../domain/migrations/migration.ts';
import { readWindow } from '../domain/rollback/window.ts';
import type { Entry } from '../domain/service/state.ts';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import type { RolloutRequest } from '../store/catalogue/request-log.ts';
import type { ResolvedRelease } from './commands.ts';
import { createPermanentFailure } from './failures.ts';
import { computeReleaseDigest, fixBlueprint } from './release.ts';

type Release = Pick<Revision, 'artifact' | 'blueprint' | 'checks'>;

/** For what a blueprint was asked about. */
export function releaseOf({ blueprint, checks }: ServiceSpec, { artifact, ...made }: ResolvedRelease): Release {
  return { artifact, blueprint: fixBlueprint(blueprint, made), checks };
}

/** Enough to hold the live revision, whatever failed after it. */
const REVISIONS = 1000;

/** For a restart: the release of the revision that is live, as it is recorded. */
export async function releaseAgain(
  catalogue: Catalogue,
  { asked, service }: Command,
  { revision: wanted }: Entry,
): Promise<Release | undefined> {
  if (asked.kind !== 'restart' || !wanted) return undefined;
  const revisions = await catalogue.revisions(service, REVISIONS);
  const found = revisions.find((each) => computeReleaseDigest(each) === wanted.release);
  if (!found)
    throw createPermanentFailure(
      'NotRecorded',
      `the release of ${formatServiceId(service)} to be restarted is not recorded`,
    );
  const { artifact, blueprint, checks } = found;
  return { artifact, blueprint, checks };
}

/**
 * As it is recorded: with all that it was asked for with.
 *
 * @param described the service, where its hooks and migrations concern the rollout
 */
export function buildRolloutRequest(
  { service, asked, change }: Command,
  { revision: wanted, ...entry }: Entry,
  release: Release | undefined,
  described: ServiceSpec | undefined,
): RolloutRequest {
  const { reason, actor, breakGlass } = change;
  const hooks = described ? collectHooks(described) : [];
  const contract =
    entry.kind === 'deploy' && described?.migrations
      ? planContract(described.migrations, readWindow(described).durationMs ?? described.retention.warmForMs)
      : undefined;
  const said = {
    ...{ ...entry, service, verb: asked.kind },
    ...(reason === undefined ? {} : { reason }),
    ...(hooks.length === 0 ? {} : { hooks }),
    ...(contract === undefined ? {} : { contract }),
    ...(breakGlass ? { breakGlass } : {}),
  };
  if (!wanted || !release) return said;
  const revision: Revision = {
    ...release,
    service,
    number: wanted.number,
    requestedBy: actor,
    createdAt: entry.queuedAt,
  };
  return { ...said, revision };
}
