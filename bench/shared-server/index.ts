import type { JsonObject } from '../../src/domain/json.ts';
import type { Endpoint } from '../../src/domain/service/revision.ts';
import type { Blueprint } from '../../src/stacks/blueprint.ts';
import { computeSourceDigest } from '../../src/stacks/source-digest.ts';

/**
 * A blueprint for benches, called `shared-server`: its stacks hold no resource, and all point at one server that runs
 * already, at `config.host` and `config.port`. A thousand processes would measure the machine rather than Supplant.
 */
export async function createBlueprint(): Promise<Blueprint> {
  return {
    name: 'shared-server',
    digest: await computeSourceDigest(import.meta.dirname),
    plugins: [],
    async check(_artifact, config) {
      return endpointOf(config) ? [] : [{ path: 'blueprint.config', message: 'must be a host and a port' }];
    },
    async serve() {
      return {
        providers: {},
        program: ({ blueprint }) => {
          const endpoint = endpointOf(blueprint.config);
          return async () => ({ endpoints: endpoint ? [endpoint] : [] });
        },
      };
    },
    async *inventory() {
      // Nothing is ever made.
    },
    async sweep() {
      // Nothing is ever made.
    },
    async close() {
      // Nothing is held.
    },
  };
}

function endpointOf({ host, port }: JsonObject): Endpoint | undefined {
  return typeof host === 'string' && typeof port === 'number' ? { host, port } : undefined;
}
