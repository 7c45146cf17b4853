import type { Blueprint } from '../../src/stacks/blueprint.ts';
import { createAwsBlueprint } from '../aws/blueprint.ts';
import { estimateInstances } from '../aws/cost.ts';

/** Turns a revision into an Auto Scaling group behind a load balancer. The artifact is an image: `ami-0a1b2c3d4e5f67890`. */
export async function createBlueprint(): Promise<Blueprint> {
  return createAwsBlueprint({
    name: 'aws-asg',
    folder: import.meta.dirname,
    kinds: async () => (await import('./kinds.ts')).kinds,
    config: async () => (await import('./config.ts')).configSchema,
    artifactFault: (artifact) =>
      /^ami-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(artifact)
        ? undefined
        : 'expected the id of a machine image, such as ami-0a1b2c3d4e5f67890',
    resources: 4,
    estimateCost: ({ instances, instanceType }) => estimateInstances(instances, instanceType),
    program: async () => (await import('./program.ts')).createStack,
  });
}
