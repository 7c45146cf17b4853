import { Connection } from '@temporalio/client';
import { ApiError } from '../contract/supplant-client.ts';
import type { DataFolder } from '../data-folder.ts';
import { type Lease, formatTemporalAddress } from '../host/dev-lease.ts';
import { acceptsConnections } from '../host/socket.ts';
import type { Part } from './part.ts';
import { type PartName, type Parts, locateLog } from './parts.ts';
import { readLastLines, saysFromNowOn, waitFor } from './ready.ts';

const STARTS_TO_TRY = 4;

/**
 * Starts each part once those it needs are ready.
 *
 * @throws ApiError `UNAVAILABLE` with the end of its log, where a part does not become ready
 */
export async function startParts(
  folder: DataFolder,
  lease: Lease,
  parts: Parts,
  signal: AbortSignal,
  log: (line: string) => void,
) {
  const said = {
    // Printed once it has its ports: somebody else's server may answer there.
    temporal: saysFromNowOn(locateLog(folder, 'temporal'), 'Server:'),
    worker: saysFromNowOn(locateLog(folder, 'worker'), 'worker ready'),
    gateway: saysFromNowOn(locateLog(folder, 'gateway'), 'gateway ready'),
  };
  const ready = (name: PartName, fact: () => boolean | Promise<boolean>): Promise<void> =>
    waitFor(name, () => stillHopeful(parts[name], fact), signal).then(
      () => log(`${name} is ready`),
      (error: unknown) => {
        if (signal.aborted) throw error;
        throw new ApiError(
          'UNAVAILABLE',
          `${name} did not start. The end of ${locateLog(folder, name)}:\n${readLastLines(locateLog(folder, name), 10)}`,
        );
      },
    );
  parts.temporal.start();
  parts.router.start();
  parts.haproxy?.start();
  await ready(
    'temporal',
    async () => said.temporal() && (await isTemporalUp(formatTemporalAddress(lease), lease.temporal.namespace)),
  );
  // Not before: they must never work for another Temporal.
  parts.worker.start();
  parts.gateway.start();
  await Promise.all([
    ready('router', () => acceptsConnections(folder.routerSocket)),
    ...(parts.haproxy ? [ready('haproxy', () => acceptsConnections(folder.haproxySocket))] : []),
    ready('worker', said.worker),
    ready('gateway', said.gateway),
  ]);
}

/** Something that ends again and again as soon as it starts has something to say in its log. */
function stillHopeful(part: Part | undefined, fact: () => boolean | Promise<boolean>): boolean | Promise<boolean> {
  if (part !== undefined && part.restarts >= STARTS_TO_TRY) throw new Error('it ended again and again');
  return fact();
}

/** No more requests, then the worker: what it has under way is called off cleanly while the others still answer. */
export async function stopParts(parts: Parts): Promise<void> {
  await parts.gateway.stop();
  await parts.worker.stop();
  await Promise.all([parts.router.stop(), parts.haproxy?.stop(), parts.temporal.stop()]);
}

async function isTemporalUp(address: string, namespace: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: '1s' });
    try {
      await connection.workflowService.describeNamespace({ namespace });
    } finally {
      await connection.close();
    }
    return true;
  } catch {
    return false;
  }
}
