import { basename } from 'node:path';
import type { StackId } from '../../src/stacks/blueprint.ts';
import { recordPaths } from './inventory.ts';
import { logPath, RECORD_SUFFIX, revisionDir } from './layout.ts';

/** Where what one process of a revision prints is kept; read it with `readLog` of `src/host/read-log.ts`. */
export interface ProcessLog {
  /** The process's name: `p1`. */
  name: string;
  /** The newest file; older ones are beside it. */
  path: string;
}

/**
 * The logs of a revision's processes, by name; none where it has none on this machine.
 * @param dataDir the stack driver's: `stacks` of the data folder
 */
export async function revisionLogs(dataDir: string, id: StackId): Promise<ProcessLog[]> {
  const revision = revisionDir(dataDir, id);
  const names = (await recordPaths(revision)).map((record) => basename(record, RECORD_SUFFIX));
  const byNumber = new Intl.Collator('en', { numeric: true });
  return names.toSorted(byNumber.compare).map((name) => ({ name, path: logPath(revision, name) }));
}
