import * as pulumi from '@pulumi/pulumi';
import { Function as LambdaFunction } from '@pulumi/aws/lambda/function.js';
import { Permission } from '@pulumi/aws/lambda/permission.js';
import { TargetGroupAttachment } from '@pulumi/aws/lb/targetGroupAttachment.js';
import type { BlueprintOutputs, RecordedResource } from '../../src/stacks/blueprint.ts';
import type { StackInput } from '../../src/stacks/driver.ts';
import { parseStoredObject } from '../aws/artifacts.ts';
import { functions } from '../aws/kinds/function.ts';
import { permissions, STATEMENT } from '../aws/kinds/permission.ts';
import { requireFact } from '../aws/require.ts';
import { type Lookups, openRevisionStack, type RevisionStack } from '../aws/revision-stack.ts';
import { buildEndpoint, createTargetGroup, createTestRule } from '../aws/target-group.ts';
import type { AwsLambdaConfig } from './config.ts';
import { kinds } from './kinds.ts';

/** One function, which is the one target of a group. */
export async function createStack(
  input: StackInput,
  config: AwsLambdaConfig,
  recorded: readonly RecordedResource[],
  lookups?: Lookups,
): Promise<BlueprintOutputs> {
  const stack = await openRevisionStack(input, config, kinds, recorded, lookups);
  const { name, own } = stack;
  const targets = createTargetGroup(stack, config, { targetType: 'lambda' });
  createTestRule(stack, targets);
  const code = createFunction(input, config, stack);
  const permission = new Permission(
    'permission',
    {
      statementId: STATEMENT,
      action: 'lambda:InvokeFunction',
      function: code.name,
      principal: 'elasticloadbalancing.amazonaws.com',
      sourceArn: targets.arn,
    },
    own('permission', permissions),
  );
  new TargetGroupAttachment(
    'target',
    { targetGroupArn: targets.arn, targetId: code.arn },
    // AWS refuses a function that the load balancer may not call.
    { ...own('target'), dependsOn: [permission] },
  );
  return {
    endpoints: [buildEndpoint(stack, targets)],
    notes: pulumi.output({ name, function: code.arn, targetGroup: targets.arn, code: input.artifact }),
  };
}

function createFunction(
  { artifact }: StackInput,
  config: AwsLambdaConfig,
  { name, environment, own }: RevisionStack,
): LambdaFunction {
  const { memory, timeout, architecture, env, handler, runtime } = config;
  const object = parseStoredObject(artifact);
  return new LambdaFunction(
    'function',
    {
      name,
      role: requireFact(environment, 'taskRole'),
      ...(object
        ? {
            packageType: 'Zip',
            s3Bucket: object.bucket,
            s3Key: object.key,
            s3ObjectVersion: object.version,
            handler,
            runtime,
          }
        : { packageType: 'Image', imageUri: artifact }),
      memorySize: memory,
      timeout: timeout / 1000,
      architectures: [architecture],
      ...(Object.keys(env).length === 0 ? {} : { environment: { variables: env } }),
      // Without one, Lambda makes a log group for each function, and nobody would remove it.
      loggingConfig: { logFormat: 'Text', logGroup: requireFact(environment, 'logGroup') },
    },
    own('function', functions),
  );
}
