import { readFileSync } from 'node:fs';
import { writeDurably } from './durable-file.ts';
import { type ProcessIdentity, isAlive } from './process-identity.ts';

/** Where the Temporal server of a data folder is. */
export interface TemporalPlace {
  port: number;
  /** Where people find its UI: of the proxy before it. */
  uiPort: number;
  /** Where the UI itself is. */
  ui: { host: string; port: number };
  namespace: string;
}

/** Who runs Supplant on a data folder, and where its parts are. */
export interface Lease {
  v: 3;
  dev: ProcessIdentity;
  /** Its child processes by name; they may outlive it when it was killed. */
  parts: Record<string, ProcessIdentity>;
  temporal: TemporalPlace;
  /** Where the API is served, and what says who may do what; without an access file the data folder's token lets in. */
  api: { host: string; port: number; accessFile?: string };
}

/** Undefined where nobody ever ran, or the file cannot be read. */
export function readLease(path: string): Lease | undefined {
  try {
    const lease = JSON.parse(readFileSync(path, 'utf8')) as Lease;
    return (lease.v as number) === 3 ? lease : undefined;
  } catch {
    return undefined;
  }
}

export async function writeLease(path: string, lease: Lease): Promise<void> {
  await writeDurably(path, `${JSON.stringify(lease, undefined, 2)}\n`);
}

/** Whether the one who wrote it still runs. */
export function isHeld(lease: Lease): boolean {
  return isAlive(lease.dev);
}

export function formatTemporalAddress(lease: { temporal: Pick<TemporalPlace, 'port'> }): string {
  return `127.0.0.1:${lease.temporal.port}`;
}

export function formatTemporalUi(lease: { temporal: Pick<TemporalPlace, 'uiPort'> }): string {
  return `http://127.0.0.1:${lease.temporal.uiPort}`;
}

export function formatApiAddress({ api: { host, port } }: { api: { host: string; port: number } }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
