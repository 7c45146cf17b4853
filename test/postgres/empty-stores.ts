import { openStore } from '../../src/store/store.ts';
import type { PostgresCluster } from './cluster.ts';

/**
 * Empty stores, each in a database of its own: copies of one that is made for the first of them. To make the tables is
 * most of what a new store costs.
 * @returns what makes one and returns its URL
 */
export function copyEmptyStore(cluster: () => PostgresCluster): () => Promise<string> {
  let made: Promise<string> | undefined;
  const makeFirst = async (): Promise<string> => {
    const url = await cluster().createDatabase();
    await (await openStore(url)).close();
    return new URL(url).pathname.slice(1);
  };
  return async () => {
    made ??= makeFirst();
    return cluster().createDatabase(`template ${await made}`);
  };
}
