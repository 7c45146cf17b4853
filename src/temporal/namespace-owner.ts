import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { reaperIds } from '../domain/reaper/ids.ts';

/** Somebody would work in a namespace whose work is recorded elsewhere. */
export class AnotherStoreError extends Error {
  override readonly name = 'AnotherStoreError';
}

/**
 * Refuses to work in a namespace whose work is recorded in another store: what a worker does not find on record it refuses, so
 * that one with another store ends what others have begun; and a gateway with another one knows nothing of what there is.
 *
 * @param installation of the store that is open here; undefined where there is none yet
 * @returns whether the namespace is known to be of this store; false where no worker has run there yet
 * @throws AnotherStoreError that says what would be right
 */
export async function requireNamespace(client: Client, installation: string | undefined): Promise<boolean> {
  const owner = await readNamespaceOwner(client);
  if (owner === undefined || owner === installation) return owner !== undefined;
  const { namespace } = client.options;
  throw new AnotherStoreError(
    `Temporal's namespace ${namespace} has the work of an installation whose record is in another store; ` +
      'name that store (SUPPLANT_STORE or --store), as all its workers and gateways do, or another namespace (TEMPORAL_NAMESPACE). ' +
      `Where that store is lost for good: temporal schedule delete --namespace ${namespace} --schedule-id ${reaperIds.schedule}`,
  );
}

/** It stands with the schedule that every installation has. Undefined where no worker has run yet. */
async function readNamespaceOwner(client: Client): Promise<string | undefined> {
  try {
    const { action } = await client.schedule.getHandle(reaperIds.schedule).describe();
    return (action.memo as { installation?: string } | undefined)?.installation;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}
