import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeDurably } from '../host/durable-file.ts';
import { type ProcessIdentity, isAlive } from '../host/process-identity.ts';

/** Who runs Supplant on a data folder, and where its parts are. */
export interface Lease {
  v: 2;
  dev: ProcessIdentity;
  /** Its child processes by name; they may outlive it when it was killed. */
  parts: Record<string, ProcessIdentity>;
  temporal: { port: number; uiPort: number };
  /** Where the API is served. */
  api: { host: string; port: number };
}

/** Undefined where nobody ever ran, or the file cannot be read. */
export function readLease(path: string): Lease | undefined {
  try {
    const lease = JSON.parse(readFileSync(path, 'utf8')) as Lease;
    return (lease.v as number) === 2 ? lease : undefined;
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

/**
 * The Temporal namespace of what runs on a folder. Of its own, so that a worker that outlived its server can never work
 * for another one's that happens to listen on the same port.
 */
export function namespaceOf(root: string): string {
  return `supplant-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`;
}

export function temporalAddress(lease: Pick<Lease, 'temporal'>): string {
  return `127.0.0.1:${lease.temporal.port}`;
}

export function temporalUi(lease: Pick<Lease, 'temporal'>): string {
  return `http://127.0.0.1:${lease.temporal.uiPort}`;
}

export function apiAddress({ api: { host, port } }: Pick<Lease, 'api'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
