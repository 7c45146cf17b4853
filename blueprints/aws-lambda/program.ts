import * as pulumi from '@pulumi/pulumi';
import { Function as LambdaFunction } from '@pulumi/aws/lambda/function.js';
import { Permission } from '@pulumi/aws/lambda/permission.js';
import { TargetGroupAttachment } from '@pulumi/aws/lb/targetGroupAttachment.js';
import type { BlueprintOutputs, RecordedResource } from '../../src/stacks/blueprint.ts';
import type { StackInput } from '../../src/stacks/driver.ts';
import { readSecret } from '../../src/secrets/secrets.ts';
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
  const variables = await readVariables(config.env);
  const code = createFunction(input, { ...config, variables }, stack);
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

type Variables = Record<string, pulumi.Input<string>>;

/** Secrets as they are now; Pulumi keeps them encrypted. */
async function readVariables(env: AwsLambdaConfig['env']): Promise<Variables> {
  const read = Object.entries(env).map(async ([name, value]): Promise<[string, pulumi.Input<string>]> => [
    name,
    typeof value === 'string' ? value : pulumi.secret(await readSecret(value.secret)),
  ]);
  return Object.fromEntries(await Promise.all(read));
}

function createFunction(
  { artifact }: StackInput,
  config: AwsLambdaConfig & { variables: Variables },
  { name, environment, own }: RevisionStack,
): LambdaFunction {
  const { memory, timeout, architecture, variables, handler, runtime } = config;
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
      ...(Object.keys(variables).length === 0 ? {} : { environment: { variables } }),
      // Without one, Lambda makes a log group for each function, and nobody would remove it.
      loggingConfig: { logFormat: 'Text', logGroup: requireFact(environment, 'logGroup') },
    },
    own('function', functions),
  );
}
