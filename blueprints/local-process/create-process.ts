import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { dirname } from 'node:path';
import { isAlive } from '../../src/host/process-identity.ts';
import { latestClaim, removeClaims } from '../../src/host/claims.ts';
import { logPath } from './layout.ts';
import { listens } from './listeners.ts';
import { members } from './members.ts';
import { releasePorts, reservePort } from './ports.ts';
import { ensureRunning, removeProcess, type Running } from './processes.ts';
import { type ProcessRecord, type ProcessSpec, makeRecord, readRecord, sameSpec, writeRecord } from './records.ts';

const HOST = '127.0.0.1';
const LOG_TAIL_LINES = 12;
const LOG_TAIL_CHARS = 1500;

/**
 * Brings the process of a record up, whatever an interrupted attempt left of it. Returns when it listens.
 * @throws Error fit to show, with the end of the log, when the process ends instead, its start time-out passes or the
 * signal is aborted; nothing of it is left then
 */
export async function createProcess(
  dataDir: string,
  path: string,
  name: string,
  spec: ProcessSpec,
  signal?: AbortSignal,
): Promise<ProcessRecord> {
  const record = await ensureRecord(dataDir, path, name, spec);
  const running = await ensureRunning(record, path).catch(async (error: unknown) => {
    await removeProcess(dataDir, path);
    throw error;
  });
  const failed = await startFailure(path, record, running, signal);
  if (failed === undefined) {
    const ready: ProcessRecord = { ...record, state: 'ready' };
    await writeRecord(path, ready);
    return ready;
  }
  const tail = await logTail(logPath(dirname(path), name));
  await removeProcess(dataDir, path);
  throw new Error(`process ${name} ${failed} before it listened on ${record.host}:${record.port}${tail}`);
}

async function ensureRecord(dataDir: string, path: string, name: string, spec: ProcessSpec): Promise<ProcessRecord> {
  const left = await readRecord(path);
  const latest = await latestClaim(path);
  if (left && !(latest && latest.holder === undefined)) return same(left, spec);
  if (left ?? latest) {
    // An undone create or an interrupted delete is completed first, so that nothing of it is taken over.
    await removeProcess(dataDir, path);
    await removeClaims(path);
  }
  const port = await reservePort(dataDir, path, HOST);
  const record: ProcessRecord = { v: 1, name, spec, host: HOST, port, state: 'creating' };
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
  const end = performance.now() + record.spec.startTimeoutMs;
  while (isAlive(running.holder)) {
    if ((await accepts(record.host, record.port)) && isOwnPort(path, record.port, running)) return undefined;
    if (signal?.aborted) return 'was stopped, as asked,';
    if (performance.now() >= end) return `was given up after ${record.spec.startTimeoutMs / 1000} s`;
    await sleep(10);
  }
  return (await running.exit) ?? 'ended';
}

function isOwnPort(path: string, port: number, { holder }: Running): boolean {
  const pids = members(path, holder).map(({ pid }) => pid);
  return listens(pids, port);
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

async function logTail(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n').slice(-LOG_TAIL_CHARS);
  return lines === '' ? '; it wrote nothing' : `; its last lines:\n${lines}`;
}
