import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../src/host/polling.ts';
import { isAlive, readStat } from '../../src/host/process-identity.ts';
import { readLatestClaim, removeClaims } from '../../src/host/claims.ts';
import { listeningAddresses, listens } from '../../src/host/listeners.ts';
import { readListenAddress } from './address.ts';
import { members } from './members.ts';
import { createRecordRedactor, lastWords } from './last-words.ts';
import { releasePorts, reservePort } from './ports.ts';
import { ensureRunning, removeProcess, type Running } from './processes.ts';
import { type ProcessRecord, type ProcessSpec, makeRecord, readRecord, sameSpec, writeRecord } from './records.ts';

/** For a program whose parent is about to end to show it: not longer than anybody minds. */
const SETTLE_MS = 500;

/**
 * Brings the process of a record up, whatever an interrupted attempt left of it. Returns when it listens.
 * @throws Error fit to show, with what the program said of its end and without the values of its variables, when the
 * process ends instead, its start time-out passes or the signal is aborted; nothing of it is left then
 */
export async function createProcess(
  dataDir: string,
  path: string,
  name: string,
  spec: ProcessSpec,
  signal?: AbortSignal,
): Promise<ProcessRecord> {
  const record = await ensureRecord(dataDir, path, name, spec);
  const redact = await createRecordRedactor(record);
  const running = await ensureRunning(record, path).catch(async (error: unknown) => {
    await removeProcess(dataDir, path);
    throw error instanceof Error ? new Error(redact(error.message), { cause: error }) : error;
  });
  const failed = await startFailure(path, record, running, signal);
  if (failed === undefined) {
    const ready: ProcessRecord = { ...record, state: 'ready' };
    await writeRecord(path, ready);
    return ready;
  }
  const said = await lastWords(path, record, running.kept);
  await removeProcess(dataDir, path);
  throw new Error(`process ${name} ${redact(failed)}${said}`);
}

async function ensureRecord(dataDir: string, path: string, name: string, spec: ProcessSpec): Promise<ProcessRecord> {
  const left = await readRecord(path);
  const latest = await readLatestClaim(path);
  if (left && !(latest && latest.holder === undefined)) return same(left, spec);
  if (left ?? latest) {
    // An undone create or an interrupted delete is completed first, so that nothing of it is taken over.
    await removeProcess(dataDir, path);
    await removeClaims(path);
  }
  const host = readListenAddress();
  const port = await reservePort(dataDir, path, host);
  const record: ProcessRecord = { v: 1, name, spec, host, port, state: 'creating' };
  if (await makeRecord(path, record)) return record;
  const faster = await readRecord(path);
  if (!faster) throw new Error(`process ${name} was removed while it was being created`);
  await releasePorts(dataDir, path, faster.port);
  return same(faster, spec);
}

function same(record: ProcessRecord, spec: ProcessSpec): ProcessRecord {
  if (sameSpec(record.spec, spec)) return record;
  throw new Error(`process ${record.name} exists and differs: a revision never changes`);
}

/** What became of the process; undefined when it listens. */
async function startFailure(
  path: string,
  record: ProcessRecord,
  running: Running,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { host, port, spec } = record;
  const before = `before it listened on ${host}:${port}`;
  const end = performance.now() + spec.startTimeoutMs;
  while (isAlive(running.holder)) {
    if (await accepts(host, port)) {
      const listeners = membersOf(path, running).filter((pid) => listens([pid], port));
      if (listeners.length > 0) return backgroundFailure(listeners, record, running);
    }
    if (signal?.aborted) return `was stopped, as asked, ${before}`;
    if (performance.now() >= end) {
      return `was given up after ${spec.startTimeoutMs / 1000} s ${before}${elsewhere(path, running)}`;
    }
    await sleep(10);
  }
  const how = (await running.exit) ?? 'ended';
  const left = membersOf(path, running);
  if (left.length === 0) return `${how} ${before}`;
  return `${how} ${before}, and left ${leftText(left)} ${FOREGROUND}`;
}

const FOREGROUND =
  '(a program has to stay in the foreground: look for an option such as --foreground, --no-daemon or `daemon off`)';

/**
 * A program that puts itself into the background listens by a process which the one that was started leaves behind. So
 * where others hold the socket, too, that one gets a moment to end.
 */
async function backgroundFailure(
  listeners: readonly number[],
  { port }: ProcessRecord,
  running: Running,
): Promise<string | undefined> {
  const { holder } = running;
  if (process.platform !== 'linux' || listeners.every((pid) => pid === holder.pid)) return undefined;
  const ended = await waitUntil(SETTLE_MS, () => !isAlive(holder));
  const others = listeners.filter((pid) => pid !== holder.pid && readStat(pid) !== undefined);
  if (!ended) return undefined;
  const how = (await running.exit) ?? 'ended';
  if (others.length === 0) return `${how} as soon as it listened on port ${port}`;
  return `${how} and left ${leftText(others)}, which listens on port ${port} ${FOREGROUND}`;
}

function leftText(pids: readonly number[]): string {
  return pids.length === 1 ? `process ${pids[0]} behind` : `${pids.length} processes behind`;
}

/** Where it listens instead; who looks for a port wants to know. */
function elsewhere(path: string, running: Running): string {
  if (process.platform !== 'linux') return '';
  const addresses = listeningAddresses(membersOf(path, running));
  if (addresses.length === 0) return '; it listens nowhere';
  return `; it listens on ${addresses.join(', ')} instead. Where to listen is in HOST and PORT, and in {host} and {port} of command and args`;
}

function membersOf(path: string, { start }: Running): number[] {
  return members(path, start).map(({ pid }) => pid);
}

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port, timeout: 1000 });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('timeout', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
