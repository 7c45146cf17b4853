import { join } from 'node:path';
import { ApiError } from '../contract/supplant-client.ts';
import type { DataFolder } from '../data-folder.ts';
import { readLatestClaim, pruneClaims, takeClaim } from '../host/claims.ts';
import { isAlive } from '../host/process-identity.ts';
import { readLease, formatTemporalUi } from '../host/dev-lease.ts';

/**
 * Takes a data folder for this process, until it ends. Of several who try at once one gets it: each try makes a file that can be
 * made once, and who holds the last one is told apart by boot and start tick.
 *
 * @throws ApiError CONFLICT while another `supplant dev` runs there
 */
export async function claimFolder(folder: DataFolder): Promise<void> {
  const record = join(folder.root, 'dev.claim');
  for (;;) {
    const latest = await readLatestClaim(record);
    if (latest?.holder && isAlive(latest.holder)) throw alreadyRuns(folder, latest.holder.pid);
    const mine = (latest?.number ?? 0) + 1;
    if (!(await takeClaim(record, mine))) continue;
    // A process that was stopped for long between its look and its claim may have taken a number that was pruned since.
    if ((await readLatestClaim(record))?.number !== mine) continue;
    await pruneClaims(record, mine);
    return;
  }
}

function alreadyRuns(folder: DataFolder, pid: number): ApiError {
  const lease = readLease(folder.lease);
  const ui = lease?.dev.pid === pid ? `, Temporal UI ${formatTemporalUi(lease)}` : '';
  return new ApiError('CONFLICT', `supplant dev already runs on ${folder.root} (pid ${pid}${ui})`, {
    suggestion: 'stop it first, or use another folder with --data',
  });
}
