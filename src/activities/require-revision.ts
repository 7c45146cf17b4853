import type { Catalogue, RevisionRecord } from '../store/catalogue/catalogue.ts';
import { formatRevisionName } from '../domain/service/revision.ts';
import { type ServiceKey, formatServiceId } from '../domain/service/service.ts';
import { createPermanentFailure } from './failures.ts';

/**
 * A revision as it is recorded: what it runs, how, and what it has to prove.
 *
 * @throws ApplicationFailure `NotRecorded`, not to be retried, where it is not
 */
export async function requireRevision(
  catalogue: Pick<Catalogue, 'revision'>,
  service: ServiceKey,
  number: number,
): Promise<RevisionRecord> {
  const record = await catalogue.revision(service, number);
  if (record) return record;
  throw createPermanentFailure(
    'NotRecorded',
    `${formatRevisionName(number)} of ${formatServiceId(service)} is not recorded`,
  );
}
