import type { DriftRecord, DriftTarget } from '../../domain/drift/record.ts';
import type { ServiceKey } from '../../domain/service/service.ts';

/** What looks for drift have found last, by revision. */
export interface DriftLog {
  find(target: DriftTarget): Promise<DriftRecord | undefined>;
  /** By service, environment and revision; of one service where it is named. */
  list(service?: ServiceKey): Promise<DriftRecord[]>;
  /**
   * Puts a record in the place of the version before it; a first one where there is none. False where somebody else was
   * faster: read it anew then.
   */
  save(record: DriftRecord): Promise<boolean>;
  /** Its stack is gone. May be repeated. */
  forget(target: DriftTarget): Promise<void>;
}
