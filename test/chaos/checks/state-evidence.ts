import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { FileStateStore } from '../../../src/stacks/pulumi/state/file-state-store.ts';
import { PostgresStateStore } from '../../../src/stacks/pulumi/state/postgres-state-store.ts';
import { readStateSettings } from '../../../src/stacks/pulumi/state/place.ts';
import type { World } from '../world.ts';

export interface StateEvidence {
  /** Names of stacks. */
  stacks: string[];
  locks: string[];
}

/** What Pulumi's state has, wherever an installation with such a store keeps it. */
export async function gatherState({
  platform,
  storePlace,
}: Pick<World, 'platform' | 'storePlace'>): Promise<StateEvidence> {
  const { state } = readStateSettings({}, { store: storePlace });
  if (state?.kind === 'postgres') return gatherFromPostgres(state.url);
  const folder = join(platform.folder.stacks, 'state');
  const stacks = await new FileStateStore(folder).list();
  return { stacks: stacks.map(({ stack }) => stack), locks: await filesBelow(join(folder, '.pulumi', 'locks')) };
}

export async function gatherFromPostgres(url: string): Promise<StateEvidence> {
  const [store, client] = [await PostgresStateStore.open(url), new Client({ connectionString: url })];
  try {
    await client.connect();
    const locks = await client.query<{ key: string }>(
      "select key from supplant_state.pulumi_state where key like '%/.pulumi/locks/%'",
    );
    return { stacks: (await store.list()).map(({ stack }) => stack), locks: locks.rows.map(({ key }) => key) };
  } finally {
    await Promise.all([store.close(), client.end()]);
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}
