import type { Kysely } from 'kysely';
import { type ServiceKey, formatServiceId } from '../../domain/service/service.ts';
import type { Overview, RolloutRecord } from './catalogue.ts';
import { contractFromRow } from './kysely-contract-log.ts';
import type { RequestLog } from './request-log.ts';
import { revisionFromRow, rolloutFromRow, teardownFromRow } from './rows.ts';
import { serviceFromRow, selectServices } from './services.ts';
import type { CatalogueTables } from './tables.ts';

const STANDING = ['provisioning', 'ready', 'live', 'warm'];

/** A handful of statements, however many services there are. */
export async function readOverview(
  db: Kysely<CatalogueTables>,
  requests: Pick<RequestLog, 'queue'>,
  key?: ServiceKey,
): Promise<Overview[]> {
  const of = key ? { service: key.name, environment: key.environment } : {};
  const services = await selectShown(db, key).execute();
  const revisions = await db
    .selectFrom('revisions')
    .selectAll()
    .where((is) => is.and(of))
    .where('state', 'in', STANDING)
    .orderBy('number', 'desc')
    .execute();
  const open = await db
    .selectFrom('rollouts')
    .selectAll()
    .where((is) => is.and(of))
    .where('ended_at', 'is', null)
    .orderBy('number')
    .execute();
  const queue = await requests.queue(key);
  const teardowns = await db
    .selectFrom('teardowns')
    .selectAll()
    .where((is) => is.and(of))
    .orderBy('revision')
    .execute();
  const contracts = await db
    .selectFrom('contracts')
    .selectAll()
    .where((is) => is.and(of))
    .where('state', 'in', ['waiting', 'begun'])
    .orderBy('revision')
    .execute();
  return Promise.all(
    services.map(async (row) => {
      const record = serviceFromRow(row);
      const id = formatServiceId(record.spec.service);
      const isOf = (each: { service: string; environment: string }): boolean =>
        `${each.service}/${each.environment}` === id;
      const running = open.find(isOf);
      const waiting = queue.filter(({ service }) => formatServiceId(service) === id);
      const last = await lastEnded(db, record.spec.service, running?.number ?? waiting[0]?.number);
      return {
        ...record,
        revisions: revisions.filter(isOf).map(revisionFromRow),
        ...(running ? { running: rolloutFromRow(running) } : {}),
        ...(last ? { last } : {}),
        queue: waiting,
        quarantine: teardowns.filter(isOf).map(teardownFromRow),
        contracts: contracts.filter(isOf).map(contractFromRow),
      };
    }),
  );
}

/** One service, or all of which anything is left. */
function selectShown(db: Kysely<CatalogueTables>, key: ServiceKey | undefined): ReturnType<typeof selectServices> {
  const all = selectServices(db);
  if (key) return all.where((is) => is.and({ service: key.name, environment: key.environment }));
  return all.where((is) => {
    const left = is
      .selectFrom('teardowns')
      .select('teardowns.revision')
      .whereRef('teardowns.service', '=', 'services.service')
      .whereRef('teardowns.environment', '=', 'services.environment');
    return is.or([is('removed_at', 'is', null), is.exists(left)]);
  });
}

/** One row by the primary key's order. */
async function lastEnded(
  db: Kysely<CatalogueTables>,
  { name, environment }: ServiceKey,
  before: number | undefined,
): Promise<RolloutRecord | undefined> {
  const ended = db
    .selectFrom('rollouts')
    .selectAll()
    .where((is) => is.and({ service: name, environment }))
    .where('ended_at', 'is not', null)
    .orderBy('number', 'desc')
    .limit(1);
  const row = await (before === undefined ? ended : ended.where('number', '<', before)).executeTakeFirst();
  return row && rolloutFromRow(row);
}
