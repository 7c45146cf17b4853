import type { Blueprint, BlueprintHost, FoundStack, StackId } from '../../../src/stacks/blueprint.ts';
import { computeSourceDigest } from '../../../src/stacks/source-digest.ts';
import { CloudClient } from '../cloud/client.ts';
import { toTags } from './tags.ts';

/** Names the double of a cloud by its URL, in the environment of whoever loads this blueprint. */
export const CLOUD_VARIABLE = 'CLOUD_DOUBLE_URL';

/**
 * A double for tests, called `cloud`: a group and an instance in the double of a cloud, which any worker can make, find and
 * delete. Their names follow from the stack's, and creating what is there adopts it.
 */
export async function createBlueprint(host: BlueprintHost): Promise<Blueprint> {
  const { [CLOUD_VARIABLE]: url = '' } = process.env;
  if (url === '') throw new Error(`${CLOUD_VARIABLE} is not set: it names the double of a cloud by its URL`);
  const cloud = new CloudClient(url);
  return {
    name: 'cloud',
    digest: await computeSourceDigest(import.meta.dirname),
    plugins: [],
    reach: 'shared',
    config: async () => (await import('./schema.ts')).configSchema,
    check: async () => [],
    async serve(engine) {
      const { serve } = await import('./serve.ts');
      return serve(cloud, engine);
    },
    inventory: (stack) => inventory(cloud, stack),
    async sweep(stack) {
      for await (const page of cloud.list(toTags(stack))) {
        host.log('info', 'swept', { stack: stack.stack, resources: page.map(({ name }) => name) });
        for (const { name } of page) await cloud.delete(name);
      }
    },
    close: async () => undefined,
  };
}

async function* inventory(cloud: CloudClient, stack?: StackId): AsyncIterable<FoundStack[]> {
  for await (const page of cloud.list(stack ? toTags(stack) : {})) {
    yield page.map(({ name, kind, tags, state }) => ({
      ...{ project: tags.project ?? '', stack: tags.stack ?? '' },
      traces: [`${kind} ${name}, ${state}`],
    }));
  }
}
