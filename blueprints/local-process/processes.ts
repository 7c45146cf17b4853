import type { ChildProcess } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { waitUntil } from '../../src/host/polling.ts';
import { isAlive, type ProcessIdentity } from '../../src/host/process-identity.ts';
import { removeCgroup } from '../../src/host/cgroups.ts';
import { type Claim, claimAt, readLatestClaim, pruneClaims, voidClaim } from '../../src/host/claims.ts';
import { launch } from './launcher.ts';
import { keeperRecord, logPath } from './layout.ts';
import { marksOf, members, signalMembers } from './members.ts';
import { ensurePortsLeft, releasePorts } from './ports.ts';
import { type ProcessRecord, readRecord } from './records.ts';

/** A process that runs, and how it ended where this worker is its parent and can know. */
export interface Running {
  holder: ProcessIdentity;
  start: Claim;
  exit?: Promise<string>;
  /** Resolves when all that it printed is in its log. */
  kept?: Promise<void>;
}

/** The record was voided: it is being deleted, or its create failed and is being undone. */
export class RecordVoidError extends Error {
  override readonly name = 'RecordVoidError';
}

/** For the launcher to claim its start; it does nothing else first. */
const CLAIM_MS = 10_000;
/** After SIGKILL the kernel needs no persuasion, but uninterruptible I/O may delay it. */
const KILL_MS = 10_000;
/** For the kernel to be through with ended processes. A group that is left behind after that holds nothing, and costs nothing. */
const EMPTY_MS = 2_000;

/** Adopts the record's process where it runs, starts it where it does not. Any number of callers get the same one. */
export async function ensureRunning(record: ProcessRecord, path: string): Promise<Running> {
  for (;;) {
    const latest = await readLatestClaim(path);
    if (latest && !latest.holder) throw new RecordVoidError(`${path} is being deleted`);
    if (latest?.holder && isAlive(latest.holder)) return { holder: latest.holder, start: latest };
    // A dead process may leave children that still hold its port.
    if (latest) await endMembers(path, record.spec.stopGraceMs, latest);
    const started = await start(record, path, (latest?.number ?? 0) + 1);
    if (started) return started;
  }
}

/** Undefined when another starter was faster. */
async function start(record: ProcessRecord, path: string, number: number): Promise<Running | undefined> {
  const { child, kept } = await launch(record, path, number, marksOf(path));
  const exit = ended(child);
  let over = false;
  void exit.then(() => (over = true));
  await waitUntil(CLAIM_MS, async () => over || (await claimAt(path, number)) !== undefined);
  const claim = await claimAt(path, number);
  const holder = claim?.holder;
  if (!holder || holder.pid !== child.pid) return undefined;
  await pruneClaims(path, number);
  await removeKeeperClaims(path, record.name, number);
  return { holder, start: claim, exit, kept };
}

async function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ? `was ended by ${signal}` : `exited with code ${code}`));
  });
}

/**
 * Ends a record's process for good, with all it has started, and forgets its port, log and record. Repeating it after any
 * interruption completes it. The void claim stays, to keep late starters out, until the revision's folder goes or a new
 * create begins afresh.
 * @throws Error when something still listens on its port that may be its own
 */
export async function removeProcess(dataDir: string, path: string): Promise<void> {
  const record = await readRecord(path);
  await ruleOutStarts(path);
  const last = await lastStart(path);
  await endMembers(path, record?.spec.stopGraceMs ?? 0, last);
  await ensurePortsLeft(dataDir, path, last);
  await releasePorts(dataDir, path);
  if (record) await removeBeside(path, [basename(logPath(dirname(path), record.name)), `${record.name}.status.json`]);
  await rm(path, { force: true });
}

async function ruleOutStarts(path: string): Promise<void> {
  for (;;) {
    const latest = await readLatestClaim(path);
    if (latest && !latest.holder) return;
    if (await voidClaim(path, (latest?.number ?? 0) + 1)) return;
  }
}

/** The start before the void one. */
async function lastStart(path: string): Promise<Claim | undefined> {
  const latest = await readLatestClaim(path);
  return latest && claimAt(path, latest.number - 1);
}

/** Removes the files next to a record whose names begin like this: logs that were rotated, claims, what is half-written. */
async function removeBeside(path: string, beginnings: readonly string[]): Promise<void> {
  const names = await readdir(dirname(path)).catch(() => []);
  const own = names.filter((file) => beginnings.some((beginning) => file.startsWith(beginning)));
  await Promise.all(own.map((file) => rm(join(dirname(path), file), { force: true })));
}

/** Those of earlier starts. */
async function removeKeeperClaims(path: string, name: string, start: number): Promise<void> {
  const log = logPath(dirname(path), name);
  const first = basename(keeperRecord(log, 0)).slice(0, -1);
  const names = await readdir(dirname(path)).catch(() => []);
  const old = names.filter((file) => file.startsWith(first) && Number.parseInt(file.slice(first.length), 10) < start);
  await Promise.all(old.map((file) => rm(join(dirname(path), file), { force: true })));
}

/** SIGTERM, the grace, SIGKILL. */
async function endMembers(path: string, graceMs: number, last: Claim | undefined): Promise<void> {
  await endAll(path, graceMs, last);
  // The second is of a start that came to its end before it was claimed.
  const groups = new Set([last?.cgroup, marksOf(path).cgroup]);
  for (const group of groups) if (group !== undefined) await waitUntil(EMPTY_MS, () => removeCgroup(group));
}

async function endAll(path: string, graceMs: number, last: Claim | undefined): Promise<void> {
  const gone = (): boolean => members(path, last).length === 0;
  if (gone()) return;
  signalMembers(path, last, 'SIGTERM');
  if (await waitUntil(graceMs, gone)) return;
  const killed = await waitUntil(KILL_MS, () => {
    signalMembers(path, last, 'SIGKILL');
    return gone();
  });
  if (!killed) {
    const left = members(path, last).map((member) => member.pid);
    throw new Error(`processes ${left.join(', ')} of ${path} are still there ${KILL_MS / 1000} s after SIGKILL`);
  }
}
