import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { holdsWithin } from '../../src/host/polling.ts';
import { isAlive, type ProcessIdentity } from '../../src/host/process-identity.ts';
import { claimAt, latestClaim, pruneClaims, voidClaim } from '../../src/host/claims.ts';
import { launch } from './launcher.ts';
import { logPath } from './layout.ts';
import { members, signalMembers } from './members.ts';
import { releasePorts } from './ports.ts';
import { type ProcessRecord, readRecord } from './records.ts';

/** A process that runs, and how it ended where this worker is its parent and can know. */
export interface Running {
  holder: ProcessIdentity;
  exit?: Promise<string>;
}

/** The record was voided: it is being deleted, or its create failed and is being undone. */
export class RecordVoidError extends Error {
  override readonly name = 'RecordVoidError';
}

/** For the launcher to claim its start; it does nothing else first. */
const CLAIM_MS = 10_000;
/** After SIGKILL the kernel needs no persuasion, but uninterruptible I/O may delay it. */
const KILL_MS = 10_000;

/** Adopts the record's process where it runs, starts it where it does not. Any number of callers get the same one. */
export async function ensureRunning(record: ProcessRecord, path: string): Promise<Running> {
  for (;;) {
    const latest = await latestClaim(path);
    if (latest && !latest.holder) throw new RecordVoidError(`${path} is being deleted`);
    if (latest?.holder && isAlive(latest.holder)) return { holder: latest.holder };
    // A dead process may leave children that still hold its port.
    if (latest) await endMembers(path, record.spec.stopGraceMs, latest.holder);
    const started = await start(record, path, (latest?.number ?? 0) + 1);
    if (started) return started;
  }
}

/** Undefined when another starter was faster. */
async function start(record: ProcessRecord, path: string, number: number): Promise<Running | undefined> {
  const child = await launch(record, path, number);
  const exit = ended(child);
  let over = false;
  void exit.then(() => (over = true));
  await holdsWithin(CLAIM_MS, async () => over || (await claimAt(path, number)) !== undefined);
  const claim = await claimAt(path, number);
  const holder = claim?.holder;
  if (!holder || holder.pid !== child.pid) return undefined;
  await pruneClaims(path, number);
  return { holder, exit };
}

async function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ? `was ended by ${signal}` : `exited with code ${code}`));
  });
}

/**
 * Ends a record's process for good, with its whole group and whatever left the group, and forgets its port, log and
 * record. Repeating it after any interruption completes it. The void claim stays, to keep late starters out, until the
 * revision's folder goes or a new create begins afresh.
 */
export async function removeProcess(dataDir: string, path: string): Promise<void> {
  const record = await readRecord(path);
  await ruleOutStarts(path);
  await endMembers(path, record?.spec.stopGraceMs ?? 0, await lastHolder(path));
  await releasePorts(dataDir, path);
  if (record) await rm(logPath(dirname(path), record.name), { force: true });
  await rm(path, { force: true });
}

async function ruleOutStarts(path: string): Promise<void> {
  for (;;) {
    const latest = await latestClaim(path);
    if (latest && !latest.holder) return;
    if (await voidClaim(path, (latest?.number ?? 0) + 1)) return;
  }
}

/** The process of the start before the void one. */
async function lastHolder(path: string): Promise<ProcessIdentity | undefined> {
  const latest = await latestClaim(path);
  return latest && (await claimAt(path, latest.number - 1))?.holder;
}

/** SIGTERM, the grace, SIGKILL. */
async function endMembers(path: string, graceMs: number, holder: ProcessIdentity | undefined): Promise<void> {
  const gone = (): boolean => members(path, holder).length === 0;
  if (gone()) return;
  signalMembers(path, holder, 'SIGTERM');
  if (await holdsWithin(graceMs, gone)) return;
  const killed = await holdsWithin(KILL_MS, () => {
    signalMembers(path, holder, 'SIGKILL');
    return gone();
  });
  if (!killed) {
    const left = members(path, holder).map((member) => member.pid);
    throw new Error(`processes ${left.join(', ')} of ${path} are still there ${KILL_MS / 1000} s after SIGKILL`);
  }
}
