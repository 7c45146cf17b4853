import type { Blueprint } from '../../src/stacks/blueprint.ts';
import { IMAGE_WANTED, isImage, parseStoredObject } from '../aws/artifacts.ts';
import { createAwsBlueprint } from '../aws/blueprint.ts';
import { estimateFunction } from '../aws/cost.ts';

/**
 * Turns a revision into a Lambda function of its own behind a load balancer. Versions of one shared function would belong
 * to no stack: `@pulumi/aws` has no resource for them. The artifact is a version of an object in S3, or an image.
 */
export async function createBlueprint(): Promise<Blueprint> {
  return createAwsBlueprint({
    name: 'aws-lambda',
    folder: import.meta.dirname,
    kinds: async () => (await import('./kinds.ts')).kinds,
    config: async () => (await import('./config.ts')).configSchema,
    artifactFault: (artifact) =>
      isImage(artifact) || parseStoredObject(artifact)
        ? undefined
        : `expected a version of an object in S3, such as s3://code/web.zip#3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY, or ${IMAGE_WANTED}`,
    resources: 5,
    estimateCost: estimateFunction,
    program: async () => (await import('./program.ts')).createStack,
  });
}
