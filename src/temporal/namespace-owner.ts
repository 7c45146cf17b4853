import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { reaperIds } from '../domain/reaper/ids.ts';

/**
 * Refuses to work in a namespace whose work is recorded in another store: what a worker does not find on record it refuses, so
 * that one with another store ends what others have begun.
 * @param installation of the store that is open here
 * @throws Error that says what would be right
 */
export async function requireNamespace(client: Client, installation: string): Promise<void> {
  const owner = await readNamespaceOwner(client);
  if (owner === undefined || owner === installation) return;
  const { namespace } = client.options;
  throw new Error(
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
