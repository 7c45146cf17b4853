import { backoffMs } from '../../src/domain/backoff.ts';
import { isAlive } from '../../src/stacks/process-identity.ts';
import { latestClaim } from './claims.ts';
import { recordPaths, revisionFolders } from './inventory.ts';
import { ensureRunning, RecordVoidError } from './processes.ts';
import { readRecord } from './records.ts';

export interface SupervisorOptions {
  /** The worker's data folder. */
  dataDir: string;
  /** Told of every revival and of every failure to revive; for the log. */
  onEvent?: (event: SupervisorEvent) => void;
  /** Pause between two looks at all processes, in milliseconds. 1,000 unless told. */
  intervalMs?: number;
}

export type SupervisorEvent =
  { kind: 'revived'; record: string; pid: number; attempt: number } | { kind: 'failed'; record: string; error: string };

export interface Supervisor {
  /** Ends the watch and waits for a revival under way. The processes go on. */
  stop(): Promise<void>;
}

/** After the first death at once, then 1 s, 2 s, 4 s … and at most a minute apart. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Living this long proves that a start was good: the next death begins with short pauses again. */
const PROVEN_MS = 60_000;

interface History {
  attempts: number;
  lastAt: number;
}

/**
 * Revives the processes of provisioned revisions that died by a crash or a reboot, in the same folder and on the same
 * port. Several supervisors of one data folder do no harm: a start can be claimed only once.
 */
export function startSupervisor(options: SupervisorOptions): Supervisor {
  const histories = new Map<string, History>();
  const stopping = new AbortController();
  const watch = (async () => {
    while (!stopping.signal.aborted) {
      await look(options, histories);
      await pause(options.intervalMs ?? 1_000, stopping.signal);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await watch;
    },
  };
}

async function look(options: SupervisorOptions, histories: Map<string, History>): Promise<void> {
  const records = (await Promise.all((await revisionFolders(options.dataDir)).map(recordPaths))).flat();
  for (const known of histories.keys()) {
    if (!records.includes(known)) histories.delete(known);
  }
  await Promise.all(
    records.map(async (path) => {
      try {
        await reviveIfDead(path, histories, options);
      } catch (error) {
        // Deleted while being looked at: as it should be.
        if (error instanceof RecordVoidError) return;
        options.onEvent?.({ kind: 'failed', record: path, error: error instanceof Error ? error.message : String(error) });
      }
    }),
  );
}

async function reviveIfDead(path: string, histories: Map<string, History>, options: SupervisorOptions): Promise<void> {
  const claim = await latestClaim(path);
  if (!claim?.holder || isAlive(claim.holder)) return;
  const record = await readRecord(path);
  if (record?.state !== 'ready') return;
  const now = performance.now();
  const before = histories.get(path) ?? { attempts: 0, lastAt: -PROVEN_MS };
  const attempts = now - before.lastAt > PROVEN_MS + LONGEST_PAUSE_MS ? 0 : before.attempts;
  if (attempts > 0 && now - before.lastAt < backoffMs(attempts, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)) return;
  histories.set(path, { attempts: attempts + 1, lastAt: now });
  const { holder } = await ensureRunning(record, path);
  options.onEvent?.({ kind: 'revived', record: path, pid: holder.pid, attempt: attempts + 1 });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
