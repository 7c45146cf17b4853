import { createBlueprint as localProcess } from '../../../blueprints/local-process/index.ts';
import { formatStackName } from '../../../src/domain/service/revision.ts';
import type { Blueprint, BlueprintHost } from '../../../src/stacks/blueprint.ts';
import { computeSourceDigest } from '../../../src/stacks/source-digest.ts';
import { TargetGroups } from './target-groups.ts';

/**
 * A double for tests, called `local-behind-alb`: local-process, whose processes are the targets of a target group in the
 * stand-in for AWS that `AWS_ENDPOINT_URL` names. It removes the group when the stack goes, which AWS refuses as long as a
 * rule refers to it.
 */
export async function createBlueprint(host: BlueprintHost): Promise<Blueprint> {
  const inner = await localProcess(host);
  const groups = new TargetGroups();
  return {
    ...inner,
    name: 'local-behind-alb',
    digest: await computeSourceDigest(import.meta.dirname),
    async serve(engine) {
      const served = await inner.serve(engine);
      const { output } = await import('@pulumi/pulumi/output.js');
      return {
        ...served,
        program: (input, config, state) => {
          const run = served.program(input, config, state);
          return async () => {
            const { endpoints, ...more } = await run();
            const name = formatStackName(input.service, input.revision);
            return { ...more, endpoints: output(endpoints).apply((list) => groups.register(name, list)) };
          };
        },
      };
    },
    async sweep(stack) {
      await groups.remove(stack.stack);
      await inner.sweep(stack);
    },
  };
}
