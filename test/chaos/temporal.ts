import { Client, Connection } from '@temporalio/client';
import { formatTemporalAddress } from '../../src/host/dev-lease.ts';
import type { World } from './world.ts';

export interface TemporalAddress {
  address: string;
  namespace: string;
}

/** Asks the world's own Temporal, past everything of Supplant's. */
export async function withTemporal<T>(world: Pick<World, 'platform'>, ask: (client: Client) => Promise<T>): Promise<T> {
  return withTemporalAt(locateTemporal(world), ask);
}

export function locateTemporal({ platform }: Pick<World, 'platform'>): TemporalAddress {
  const lease = platform.lease();
  return { address: formatTemporalAddress(lease), namespace: lease.temporal.namespace };
}

export async function withTemporalAt<T>(
  { address, namespace }: TemporalAddress,
  ask: (client: Client) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await ask(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}
