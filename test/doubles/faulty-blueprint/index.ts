import { createBlueprint as localProcess } from '../../../blueprints/local-process/index.ts';
import { formatStackName } from '../../../src/domain/service/revision.ts';
import type { Blueprint, BlueprintHost, StackId } from '../../../src/stacks/blueprint.ts';
import type { StackInput } from '../../../src/stacks/driver.ts';
import { computeSourceDigest } from '../../../src/stacks/source-digest.ts';
import { readFaults } from './config.ts';
import { FaultPlans } from './plans.ts';

/**
 * A double for tests, called `faulty`: local-process with its processes, folders and ports, and a provider that fails as
 * `config.faults` says; see {@link PlannedFault}. The rest of the config is local-process's. The processes are found, and
 * revived, as local-process's are; what the faults have come to is kept below `faulty/` in the data folder.
 */
export async function createBlueprint(host: BlueprintHost): Promise<Blueprint> {
  const plans = new FaultPlans(host.dataDir);
  // Its stacks are beside those of local-process, which looks after all of them.
  const inner = await localProcess({ ...host, supervise: false });
  return {
    ...inner,
    name: 'faulty',
    digest: await computeSourceDigest(import.meta.dirname),
    config: async () => (await import('./schema.ts')).configSchema,
    async serve(engine) {
      const { serveFaulty } = await import('./serve.ts');
      const { provider, program } = await serveFaulty({ dataDir: host.dataDir, ...engine }, plans);
      return {
        providers: provider,
        program: (input, config) => {
          const { faults, rest } = readFaults(config);
          const run = program(input, rest);
          return async () => {
            await plans.note(idOf(input), faults);
            return run();
          };
        },
      };
    },
    async sweep(id) {
      await inner.sweep(id);
      await plans.forget(id);
    },
  };
}

function idOf({ service, revision }: StackInput): StackId {
  return { project: service.environment, stack: formatStackName(service, revision) };
}
