import type { Kysely, SelectQueryBuilder } from 'kysely';
import type { Hold } from '../../domain/rollback/hold.ts';
import type { ServiceSpec } from '../../domain/service/service.ts';
import type { ServiceRecord } from './catalogue.ts';
import type { CatalogueTables, ServiceRow } from './tables.ts';

interface ServiceWithNumbers extends Pick<
  ServiceRow,
  'spec' | 'removed_at' | 'pinned' | 'bad' | 'holds' | 'settings_due'
> {
  last_revision: number | null;
  last_rollout: number | null;
}

/** Services by name. The last numbers are read off what is recorded, so that no counter can fall behind it. */
export function selectServices(
  db: Kysely<CatalogueTables>,
): SelectQueryBuilder<CatalogueTables, 'services', ServiceWithNumbers> {
  return db
    .selectFrom('services')
    .select(['spec', 'removed_at', 'pinned', 'bad', 'holds', 'settings_due'])
    .select((service) => [
      service
        .selectFrom('revisions')
        .whereRef('revisions.service', '=', 'services.service')
        .whereRef('revisions.environment', '=', 'services.environment')
        .select(({ fn }) => fn.max<number | null>('revisions.number').as('last'))
        .as('last_revision'),
      service
        .selectFrom('rollouts')
        .whereRef('rollouts.service', '=', 'services.service')
        .whereRef('rollouts.environment', '=', 'services.environment')
        .select(({ fn }) => fn.max<number | null>('rollouts.number').as('last'))
        .as('last_rollout'),
    ])
    .orderBy('services.service')
    .orderBy('services.environment');
}

export function serviceFromRow(row: ServiceWithNumbers): ServiceRecord {
  return {
    spec: JSON.parse(row.spec) as ServiceSpec,
    lastRevision: row.last_revision ?? 0,
    lastRollout: row.last_rollout ?? 0,
    pinned: JSON.parse(row.pinned) as number[],
    bad: JSON.parse(row.bad) as number[],
    holds: JSON.parse(row.holds) as Hold[],
    ...(row.settings_due === null ? {} : { settingsDue: row.settings_due }),
    ...(row.removed_at === null ? {} : { removedAt: row.removed_at }),
  };
}
