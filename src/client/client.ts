import { existsSync } from 'node:fs';
import { type DataFolder, dataFolder } from '../data-folder.ts';
import { NAMESPACE, isHeld, readLease, temporalAddress, temporalUi } from '../dev/lease.ts';
import { ApiError, type SupplantClient } from './api.ts';
import type { TemporalPlace } from '../backend/open.ts';

/**
 * Connects to what runs on a data folder: to `supplant dev` there, else to the Temporal that the standard `TEMPORAL_*`
 * environment names.
 * @throws ApiError UNAVAILABLE when neither is there
 */
export async function connectClient({ dataDir }: { dataDir: string }): Promise<SupplantClient> {
  const folder = dataFolder(dataDir);
  const found = runningHere(folder) ?? (await namedByEnvironment(folder));
  // Only now: the Temporal client takes a third of a second to load, which nobody should wait for to be told no.
  const { openBackend } = await import('../backend/open.ts');
  return openBackend(folder, found);
}

function runningHere(folder: DataFolder): TemporalPlace | undefined {
  const lease = readLease(folder.lease);
  if (!lease || !isHeld(lease)) return undefined;
  return { options: { address: temporalAddress(lease) }, namespace: NAMESPACE, ui: temporalUi(lease) };
}

async function namedByEnvironment(folder: DataFolder): Promise<TemporalPlace> {
  const { temporalTarget } = await import('../temporal/target.ts');
  const { connectionOptions, namespace = NAMESPACE } = temporalTarget();
  if (connectionOptions.address !== undefined) {
    const ui = process.env.TEMPORAL_UI_ADDRESS;
    return { options: connectionOptions, namespace, ...(ui === undefined ? {} : { ui }) };
  }
  const what = existsSync(folder.root) ? `nothing runs on ${folder.root}` : `there is no data folder ${folder.root}`;
  throw new ApiError('UNAVAILABLE', what, {
    suggestion: 'start it with `supplant dev`, or name another folder with --data, or set TEMPORAL_ADDRESS',
  });
}
