import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ProcessFacts, StackId } from '../../src/stacks/blueprint.ts';
import { type Claim, readLatestClaim } from '../../src/host/claims.ts';
import { isAlive } from '../../src/host/process-identity.ts';
import { recordPaths } from './inventory.ts';
import { logPath, RECORD_SUFFIX, revisionDir } from './layout.ts';
import { listens } from '../../src/host/listeners.ts';
import { members } from './members.ts';
import { readRecord } from './records.ts';

/** What the supervisor has seen of a process, beside its record; what it does not say is to be read from the claims. */
export interface ProcessStatus {
  v: 1;
  lastEnd?: ProcessFacts['lastEnd'];
  /** Why there is no next start. */
  givenUp?: string;
}

function statusPath(record: string): string {
  return record.replace(RECORD_SUFFIX, '.status.json');
}

export async function readStatus(record: string): Promise<ProcessStatus> {
  try {
    return JSON.parse(await readFile(statusPath(record), 'utf8')) as ProcessStatus;
  } catch {
    // Nothing was seen yet, or a power cut tore it: it is for people only.
    return { v: 1 };
  }
}

export async function writeStatus(record: string, status: ProcessStatus): Promise<void> {
  const temporary = `${statusPath(record)}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify(status)}\n`, { mode: 0o600 });
  await rename(temporary, statusPath(record));
}

/**
 * How the processes of a stack are, as it is now and as the supervisor has seen it; none for a stack that has none here.
 * @param dataDir the stack driver's: `stacks` of the data folder
 */
export async function inspectProcesses(dataDir: string, id: StackId): Promise<ProcessFacts[]> {
  const revision = revisionDir(dataDir, id);
  const found = await Promise.all(
    (await recordPaths(revision)).map(async (path): Promise<ProcessFacts[]> => {
      const record = await readRecord(path);
      const start = await readLatestClaim(path);
      if (!record || !start?.holder) return [];
      const name = basename(path, RECORD_SUFFIX);
      const { lastEnd, givenUp } = await readStatus(path);
      return [
        {
          name,
          address: `${record.host}:${record.port}`,
          ...present(path, start, record.port),
          restarts: start.number - 1,
          ...(lastEnd ? { lastEnd } : {}),
          ...(givenUp === undefined ? {} : { givenUp }),
          log: logPath(revision, name),
        },
      ];
    }),
  );
  const byNumber = new Intl.Collator('en', { numeric: true });
  return found.flat().toSorted((a, b) => byNumber.compare(a.name, b.name));
}

function present(path: string, start: Claim, port: number): Pick<ProcessFacts, 'isAlive' | 'listens'> {
  if (!start.holder || !isAlive(start.holder)) return { isAlive: false, listens: false };
  const pids = members(path, start).map(({ pid }) => pid);
  return { isAlive: true, listens: listens(pids, port) };
}
