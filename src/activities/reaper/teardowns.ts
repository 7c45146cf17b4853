import { readPool } from '../../domain/pools/pool.ts';
import type { ReaperPolicy, StackPlace } from '../../domain/reaper/facts.ts';
import type { TeardownInput } from '../../domain/service/requests.ts';
import { parseStackName } from '../../domain/service/revision.ts';
import type { Catalogue } from '../../store/catalogue/catalogue.ts';

/** A teardown that was begun once and has no workflow any more, from where the record says that it is. */
export async function buildTeardown(
  id: StackPlace,
  catalogue: Catalogue,
  { retryMs }: Pick<ReaperPolicy, 'retryMs'>,
): Promise<TeardownInput | undefined> {
  const named = parseStackName(id.project, id.stack);
  if (!named) return undefined;
  const { service, revision } = named;
  const [overview] = await catalogue.overview(service);
  const record = await catalogue.revision(service, revision);
  if (!overview || (record?.state !== 'retired' && record?.state !== 'failed')) return undefined;
  const before = overview.quarantine.find((each) => each.revision === revision);
  return {
    v: 2,
    ref: { service, number: overview.lastRollout, actor: 'supplant' },
    revision,
    becomes: record.state,
    because: 'its teardown was ended before the stack was gone',
    router: overview.spec.router,
    // It has left the route, or it would not be what it is on record: nothing has to drain.
    attempts: before?.attempts ?? 1,
    since: before?.since ?? record.since,
    retryMs,
    again: true,
    ...(id.host === undefined ? {} : { host: id.host }),
    ...readPool(record.blueprint),
  };
}
