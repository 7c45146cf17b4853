import { Client, Connection } from '@temporalio/client';
import { formatTemporalAddress } from '../../src/host/dev-lease.ts';
import type { World } from './world.ts';

/** Asks the world's own Temporal, past everything of Supplant's. */
export async function withTemporal<T>(world: Pick<World, 'platform'>, ask: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: formatTemporalAddress(world.platform.lease()) });
  try {
    return await ask(new Client({ connection, namespace: world.platform.lease().temporal.namespace }));
  } finally {
    await connection.close();
  }
}
