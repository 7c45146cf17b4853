import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { makeDurably, writeDurably } from '../../src/host/durable-file.ts';

/** What a process is made from. Never changes: another spec is another revision. */
export interface ProcessSpec {
  /** Program and arguments; `{host}` and `{port}` stand for where it must listen. */
  command: string[];
  env: Record<string, string>;
  /** Variables whose values are read from where these references say, each time the process is started. */
  secrets: Record<string, string>;
  /** Variables of the worker that are handed on, by name: their values are written nowhere. */
  passEnv: string[];
  directory: string;
  startTimeoutMs: number;
  stopGraceMs: number;
}

/**
 * What must outlive any worker about one process, on disk before the process exists. Which pid it has is not here but
 * in its claims, because the process writes those itself.
 */
export interface ProcessRecord {
  v: 1;
  name: string;
  spec: ProcessSpec;
  host: string;
  port: number;
  /** From `ready` on, the supervisor keeps it alive. Before, it is its create's business alone. */
  state: 'creating' | 'ready';
}

export async function readRecord(path: string): Promise<ProcessRecord | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const record = JSON.parse(text) as ProcessRecord;
  // Fails as unknown to this installation rather than misreading a later one's.
  if ((record.v as number) !== 1) throw new Error(`${path} has version ${record.v}, this installation reads version 1`);
  return record;
}

export async function writeRecord(path: string, record: ProcessRecord): Promise<void> {
  await writeDurably(path, textOf(record));
}

/** False when another create was faster: its record counts. */
export async function makeRecord(path: string, record: ProcessRecord): Promise<boolean> {
  return makeDurably(path, textOf(record));
}

function textOf(record: ProcessRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

export function sameSpec(a: ProcessSpec, b: ProcessSpec): boolean {
  return isDeepStrictEqual(a, b);
}
