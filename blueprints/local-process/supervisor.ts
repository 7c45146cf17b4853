import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../../src/domain/backoff.ts';
import type { Log } from '../../src/stacks/blueprint.ts';
import { isAlive } from '../../src/host/process-identity.ts';
import { latestClaim } from '../../src/host/claims.ts';
import { recordPaths, revisionFolders } from './inventory.ts';
import { ensureRunning, RecordVoidError } from './processes.ts';
import { readRecord } from './records.ts';

export interface SupervisorOptions {
  dataDir: string;
  /** Told of every revival, of every failure to revive, and of what is given up. */
  log: Log;
  /** Pause between two looks at all processes, in milliseconds. 1,000 unless told. */
  intervalMs?: number;
}

export interface Supervisor {
  /** Ends the watch and waits for a revival under way. The processes go on. */
  stop(): Promise<void>;
}

/** After the first death at once, then 1 s, 2 s, 4 s … and at most a minute apart. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Starts in a row of which none lived long: some seventeen minutes of trying. */
const MOST_ATTEMPTS = 20;
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
      await sleep(options.intervalMs ?? 1_000, undefined, { signal: stopping.signal, ref: false }).catch(
        () => undefined,
      );
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
    records.map(async (record) => {
      try {
        await reviveIfDead(record, histories, options);
      } catch (error) {
        // Deleted while being looked at: as it should be.
        if (error instanceof RecordVoidError) return;
        const reason = error instanceof Error ? error.message : String(error);
        options.log('warn', 'a process that ended could not be revived', { record, reason });
      }
    }),
  );
}

async function reviveIfDead(path: string, histories: Map<string, History>, options: SupervisorOptions): Promise<void> {
  const claim = await latestClaim(path);
  if (!claim?.holder || isAlive(claim.holder)) return;
  const record = await readRecord(path);
  if (record?.state !== 'ready') return;
  const attempt = nextAttempt(histories.get(path), performance.now());
  if (attempt === undefined) return;
  histories.set(path, { attempts: attempt, lastAt: performance.now() });
  if (attempt > MOST_ATTEMPTS) {
    const message = 'a process that keeps ending is given up; a restart of the worker tries it again';
    options.log('error', message, { record: path, attempts: MOST_ATTEMPTS });
    return;
  }
  const { holder } = await ensureRunning(record, path);
  options.log('warn', 'a process had ended and was revived', { record: path, pid: holder.pid, attempt });
}

/** The number of the start that is due now; undefined when none is. One past the most means giving up. */
export function nextAttempt(history: History | undefined, now: number): number | undefined {
  if (!history) return 1;
  const { attempts, lastAt } = history;
  if (attempts > MOST_ATTEMPTS) return undefined;
  const pause = backoffMs(attempts, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
  if (now - lastAt < pause) return undefined;
  return now - lastAt > PROVEN_MS + pause ? 1 : attempts + 1;
}
