import type { Blueprint } from '../../src/stacks/blueprint.ts';
import { IMAGE_WANTED, isImage } from '../aws/artifacts.ts';
import { createAwsBlueprint } from '../aws/blueprint.ts';
import { estimateTasks } from '../aws/cost.ts';

/** Turns a revision into an ECS service on Fargate behind a load balancer. The artifact is an image by its digest. */
export async function createBlueprint(): Promise<Blueprint> {
  return createAwsBlueprint({
    name: 'aws-ecs',
    folder: import.meta.dirname,
    kinds: async () => (await import('./kinds.ts')).kinds,
    config: async () => (await import('./config.ts')).configSchema,
    artifactFault: (artifact) => (isImage(artifact) ? undefined : `expected ${IMAGE_WANTED}; a tag can be moved`),
    resources: 4,
    estimateCost: ({ tasks, ...size }) => estimateTasks(tasks, size),
    program: async () => (await import('./program.ts')).createStack,
  });
}
