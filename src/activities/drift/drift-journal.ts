import type { DriftChange, DriftRecord } from '../../domain/drift/record.ts';
import { describeFindings } from '../../domain/drift/words.ts';
import type { JsonObject } from '../../domain/json.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import { AuditConflictError, type AuditStore } from '../../store/audit/store.ts';

/** In whose name stacks are looked at. */
const ACTOR = 'supplant';

/** Writes what looks have found to the audit log, under keys that make a repeat a repeat. */
export class DriftJournal {
  readonly #store: Pick<AuditStore, 'append'>;

  constructor(store: Pick<AuditStore, 'append'>) {
    this.#store = store;
  }

  /**
   * What differs from the look before. A repeat may see it slightly differently: the first one stands.
   *
   * @param since when the revision became what it is, since a number that was retired may be made again
   */
  async found(change: DriftChange, record: DriftRecord, since: string): Promise<void> {
    const { service, revision, version, findings } = record;
    const id = formatServiceId(service);
    const name = formatRevisionName(revision);
    // What it is now, resource by resource; values of properties are nowhere.
    const resources = findings.map(({ urn, kind, properties }): JsonObject => ({ urn, kind, properties }));
    const data: JsonObject = { revision: name, resources };
    const reason = change === 'gone' ? 'everything is as it was made' : describeFindings(findings);
    const type = `drift.${change}`;
    try {
      await this.#store.append({
        key: `${id}/drift/${name}/${since}/${version}`,
        ...{ type, subject: id, actor: ACTOR, reason, data },
      });
    } catch (error) {
      if (!(error instanceof AuditConflictError)) throw error;
    }
  }
}
