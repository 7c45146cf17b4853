import { setTimeout as sleep } from 'node:timers/promises';
import { dirname } from 'node:path';
import { computeBackoffMs } from '../../src/domain/backoff.ts';
import type { Log } from '../../src/stacks/blueprint.ts';
import { resumeLog } from '../../src/host/bounded-log.ts';
import { isAlive } from '../../src/host/process-identity.ts';
import { type Claim, readLatestClaim } from '../../src/host/claims.ts';
import { recordPaths, revisionFolders } from './inventory.ts';
import { lastWords } from './last-words.ts';
import { keeperRecord, logPath } from './layout.ts';
import { listens } from '../../src/host/listeners.ts';
import { members } from './members.ts';
import { ensureRunning, RecordVoidError } from './processes.ts';
import { type ProcessRecord, readRecord } from './records.ts';
import { writeStatus } from './status.ts';

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

/** What is known of a process that this supervisor looks after, while it does. */
interface Watched {
  starts?: History;
  /** How the start that was made here has ended; only the parent learns it. */
  exit?: string;
}

/**
 * Revives the processes of provisioned revisions that died by a crash or a reboot, in the same folder and on the same
 * port. Several supervisors of one data folder do no harm: a start can be claimed only once.
 */
export function startSupervisor(options: SupervisorOptions): Supervisor {
  const histories = new Map<string, Watched>();
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

async function look(options: SupervisorOptions, histories: Map<string, Watched>): Promise<void> {
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

async function reviveIfDead(path: string, histories: Map<string, Watched>, options: SupervisorOptions): Promise<void> {
  const claim = await readLatestClaim(path);
  if (!claim?.holder) return;
  const record = await readRecord(path);
  if (record?.state !== 'ready') return;
  if (isAlive(claim.holder)) {
    await ensureKeeper(path, record, claim);
    return;
  }
  const watched = histories.get(path) ?? {};
  const attempt = nextAttempt(watched.starts, performance.now());
  if (attempt === undefined) return;
  histories.set(path, { starts: { attempts: attempt, lastAt: performance.now() } });
  const at = new Date().toISOString();
  const how = await describeEnd(path, record, claim, watched.exit);
  if (attempt > MOST_ATTEMPTS) {
    const message = 'a process that keeps ending is given up; a restart of the worker tries it again';
    const givenUp = `it ended ${MOST_ATTEMPTS} times in a row soon after its start; a restart of the worker tries it again`;
    await writeStatus(path, { v: 1, lastEnd: { at, how }, givenUp });
    options.log('error', message, { record: path, attempts: MOST_ATTEMPTS, how });
    return;
  }
  await writeStatus(path, { v: 1, lastEnd: { at, how } });
  const { holder, exit } = await ensureRunning(record, path);
  void exit?.then((text) => {
    const known = histories.get(path);
    if (known) known.exit = text;
  });
  options.log('warn', 'a process had ended and was revived', { record: path, pid: holder.pid, attempt, how });
}

/** In words, before what the process has left behind is ended and its next start prints more. */
async function describeEnd(path: string, record: ProcessRecord, claim: Claim, exit = 'ended'): Promise<string> {
  const pids = members(path, claim).map(({ pid }) => pid);
  const said = await lastWords(path, record);
  if (pids.length === 0) return `${record.name} ${exit}${said}`;
  const still = pids.some((pid) => listens([pid], record.port)) ? `, still listening on port ${record.port}` : '';
  const left = `left ${pids.length} of its processes behind${still}; they were ended`;
  return `${record.name} ${exit} and ${left} (a program that puts itself into the background cannot be looked after)${said}`;
}

/** A process whose log is kept by nobody stands still as soon as the pipe is full. */
async function ensureKeeper(path: string, record: ProcessRecord, start: Claim): Promise<void> {
  if (process.platform !== 'linux' || !start.holder) return;
  const log = logPath(dirname(path), record.name);
  const keeper = await readLatestClaim(keeperRecord(log, start.number));
  // None was made yet, or the process is older than keepers are.
  if (!keeper?.holder || isAlive(keeper.holder)) return;
  await resumeLog(start.holder.pid, log, keeperRecord(log, start.number), keeper.number + 1);
}

/** The number of the start that is due now; undefined when none is. One past the most means giving up. */
export function nextAttempt(history: History | undefined, now: number): number | undefined {
  if (!history) return 1;
  const { attempts, lastAt } = history;
  if (attempts > MOST_ATTEMPTS) return undefined;
  const pause = computeBackoffMs(attempts, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
  if (now - lastAt < pause) return undefined;
  return now - lastAt > PROVEN_MS + pause ? 1 : attempts + 1;
}
